// SPDX-License-Identifier: Apache-2.0
#include "joblog/record_files.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.hpp"

namespace hls::joblog {

namespace stdfs = std::filesystem;

std::vector<stdfs::path> record_files(const stdfs::path& folder) {
    std::vector<stdfs::path> found;
    for (const auto& entry : stdfs::directory_iterator(folder))
        if (entry.is_regular_file() && entry.path().extension() == ".json" &&
            !entry.path().filename().string().starts_with('.'))
            found.push_back(entry.path());
    std::ranges::sort(found);
    return found;
}

void put_aside(const stdfs::path& file, const stdfs::path& name) {
    const auto folder = file.parent_path() / name;
    std::error_code error;
    stdfs::create_directories(folder, error);
    if (!error) stdfs::rename(file, folder / file.filename(), error);
    if (error)
        throw Error{Exit::cannot_create,
                    fmt::format("cannot move {}: {}", file.string(), error.message())};
}

}  // namespace hls::joblog
