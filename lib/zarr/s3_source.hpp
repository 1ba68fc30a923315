// SPDX-License-Identifier: Apache-2.0
// Objects of a collection that lie in a bucket.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "zarr/object_source.hpp"
#include "zarr/s3_store.hpp"

namespace hls::zarr {

// Keys below `root`, a folder or s3://bucket. Whatever the root is, locations may be files or s3://
// names. Objects that are read are fetched into a folder below `copies` (made when needed; empty:
// the system's temporary folder) that goes away with the source; those of processes that were
// killed are removed by whoever comes next. A `session` that is null is opened when it is needed.
std::unique_ptr<ObjectSource> mixed_source(const std::string& root,
                                           std::shared_ptr<S3Session> session,
                                           std::filesystem::path copies = {});

}  // namespace hls::zarr
