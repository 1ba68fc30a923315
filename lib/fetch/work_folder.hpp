// SPDX-License-Identifier: Apache-2.0
// A folder for what is on its way between a bucket and a program.
#pragma once

#include <filesystem>

namespace hls::fetch {

// Made below `parent` ($TMPDIR, else /tmp, if empty), removed with everything in it in the end.
// What processes that were killed left there is removed by the next one. Throws
// Error{cannot_create}.
class WorkFolder {
 public:
    explicit WorkFolder(const std::filesystem::path& parent = {});
    ~WorkFolder();
    WorkFolder(const WorkFolder&) = delete;
    WorkFolder& operator=(const WorkFolder&) = delete;

    const std::filesystem::path& path() const { return path_; }

 private:
    std::filesystem::path path_;
    int lock_ = -1;
};

}  // namespace hls::fetch
