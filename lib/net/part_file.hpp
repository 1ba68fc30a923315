// SPDX-License-Identifier: Apache-2.0
// A file on its way: X.part with what is there so far, X.part.json with what it belongs to.
// Internal to net.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "fs/digest.hpp"

namespace hls::net {

class PartFile {
 public:
    // Opens and locks <target>.part. What another identity left there is discarded. Throws
    // Error{temporary} when another process works on it, Error{cannot_create}.
    PartFile(std::filesystem::path target, std::string identity,
             const std::vector<fs::DigestKind>& digests);
    // Keeps the part file unless commit() or discard() was called.
    ~PartFile();
    PartFile(const PartFile&) = delete;
    PartFile& operator=(const PartFile&) = delete;

    // What the part file of `target` takes on its disk, reserved room included; 0 if there is none.
    static std::int64_t bytes_on_disk(const std::filesystem::path& target);

    const std::filesystem::path& path() const { return part_; }
    std::int64_t have() const { return have_; }
    const std::string& etag() const { return etag_; }
    std::int64_t total() const { return total_; }

    // Bytes in [offset, offset + size), for comparing with what a server sends again.
    std::string read(std::int64_t offset, std::size_t size) const;

    // Remembers what the answer says. Small files are begun again rather than resumed.
    void describe(const std::string& etag, std::int64_t total);
    // Throws Error{io_error}: disk full.
    void append(std::string_view data);
    void restart();

    // Digest of everything; ends the computation.
    std::string digest(fs::DigestKind kind);

    // In two steps, since syncing many files at once is cheaper than one by one.
    void sync() const;
    void rename_to_target();
    // Removes part and state.
    void discard();

 private:
    void open_and_lock();
    void load_state();
    void hash_what_is_there();

    std::filesystem::path target_, part_, state_;
    std::string identity_;
    std::vector<fs::DigestKind> kinds_;
    std::map<fs::DigestKind, fs::Digest> digests_;
    std::map<fs::DigestKind, std::string> results_;
    int descriptor_ = -1;
    std::int64_t have_ = 0;
    std::int64_t total_ = -1;
    std::string etag_;
    bool has_state_ = false;
    bool hashed_ = false;
    bool done_ = false;
};

}  // namespace hls::net
