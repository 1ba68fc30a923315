// SPDX-License-Identifier: Apache-2.0
// Inputs from buckets and outputs to buckets, for programs that read and write files.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "fetch/put.hpp"
#include "fetch/work_folder.hpp"
#include "net/s3.hpp"

namespace hls::fetch {

// What is on a disk already stays where it is. A work folder is made when the first s3:// name
// comes and goes away with the object.
class RemoteWork {
 public:
    // `agent` is what servers are told; `parent` is where the work folder is made, see WorkFolder.
    explicit RemoteWork(std::string agent, std::filesystem::path parent = {});

    // `given`, or a local copy of the object or of everything below the prefix. Throws as
    // fetch_input().
    std::string input(const std::string& given);

    // `given`, or an empty folder that stands for it.
    std::string output(const std::string& given);
    bool sends() const { return target_.has_value(); }

    // Name of the product that `granule` is called after, without an ending: what skipping can go
    // by before anything is fetched.
    static std::string product_name(const std::string& granule);

    // Is there work to do? False if the product exists and may stay. One that is sent exists with
    // its `manifest`, the object written last, named below the output; throws Error{cannot_create}
    // if it does and may not be replaced. One that stays here exists with `local`; refusing to
    // replace it is up to who writes it.
    bool should_make(const std::string& manifest, const std::filesystem::path& local,
                     bool skip_existing, bool overwrite);

    // Sends everything in the folder of output(), the manifest last; objects that a broken run left
    // with the same content are not sent again. Unless `overwrite`, the manifest is written only if
    // nobody else wrote it meanwhile (Error{cannot_create}). The names are complete, s3://..
    std::vector<PutFile> publish(const std::string& manifest, bool overwrite);

    // Names, sizes and digests of a product that is complete: publish() for one that is sent, else
    // of `files`, read by so many threads.
    std::vector<PutFile> deliver(const std::string& manifest, bool overwrite,
                                 const std::vector<std::filesystem::path>& files, int threads);

    // A path or text with s3:// names in place of what stands for them here.
    std::string shown(std::string text) const;

 private:
    net::S3Client& s3();
    const std::filesystem::path& folder();

    std::string agent_;
    std::filesystem::path parent_;
    std::unique_ptr<net::HttpClient> http_;
    std::unique_ptr<net::S3Client> s3_;
    std::unique_ptr<WorkFolder> work_;
    std::optional<net::S3Uri> target_;
    std::vector<std::pair<std::string, std::string>> names_;  // local path, s3 name
};

}  // namespace hls::fetch
