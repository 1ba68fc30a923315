// SPDX-License-Identifier: Apache-2.0
// One granule from each kind of source, and what the sources share. Internal to fetch.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "fetch/get.hpp"
#include "fetch/sources.hpp"

namespace hls::fetch {

// One granule on its way; `result` is filled as far as it gets.
struct GetRun {
    net::HttpClient& client;
    Sources& sources;
    const GetOptions& options;
    GetResult& result;
};

// All throw Error with what went wrong.
void get_landsat(const GetRun& run);
void get_cdse_zip(const GetRun& run);
void get_eodata(const GetRun& run);
void get_aws_tile(const GetRun& run);
void get_announced_archive(const GetRun& run);

// Replaces the record by what the Copernicus catalogue says about its uuid or name, or about the
// successor of that name.
void look_up(const GetRun& run);

// Adds what a download did; throws its error.
void take_over(GetResult& result, const net::DownloadResult& download);

// One file of a product that lies in a bucket.
struct ProductFile {
    net::S3Object object;
    std::string name;  // below the product's folder
    std::vector<net::Checksum> sums;
};

// Objects below a prefix by the rest of their keys, which must be safe.
std::map<std::string, net::S3Object> objects_below(net::S3Client& s3, const net::S3Uri& prefix);

// All files to run.result.local, in parallel, `last` when all others are there: a folder that has
// it has everything.
void fetch_files(const GetRun& run, net::S3Client& s3, const std::string& bucket,
                 const std::vector<ProductFile>& files, const std::string& last);

// Published file by file, and not all of it yet: Error{temporary}.
[[noreturn]] void not_yet_there(const std::string& id, const std::string& name);

}  // namespace hls::fetch
