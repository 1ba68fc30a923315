// SPDX-License-Identifier: Apache-2.0
#include "product/product_folder.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <utility>

#include "core/error.hpp"
#include "fs/digest.hpp"

namespace hls::product {

namespace stdfs = std::filesystem;

ProductFolder::ProductFolder(stdfs::path target, fs::IfExists mode)
    : target_(std::move(target)), directory_(target_, mode) {}

stdfs::path ProductFolder::path(std::string_view name) const {
    return directory_.temporary() / name;
}

void ProductFolder::add(std::string name, std::uint64_t bytes, std::string sha512) {
    files_.push_back({std::move(name), bytes, std::move(sha512)});
}

void ProductFolder::add_text(std::string name, std::string_view text) {
    errno = 0;
    std::ofstream out(path(name), std::ios::binary);
    out.write(text.data(), static_cast<std::streamsize>(text.size()));
    out.close();
    if (!out)
        throw Error{Exit::io_error, fmt::format("cannot write {}: {}", (target_ / name).string(),
                                                std::strerror(errno == 0 ? EIO : errno))};
    add(std::move(name), text.size(), fs::digest_of(fs::DigestKind::sha512, text));
}

void ProductFolder::add_file(std::string name) {
    const auto file = path(name);
    const auto bytes = stdfs::file_size(file);
    add(std::move(name), bytes, fs::digest_of_file(fs::DigestKind::sha512, file));
}

void ProductFolder::add_manifest(std::string name, Manifest manifest) {
    for (; manifested_ < files_.size(); ++manifested_) {
        const ProductFile& file = files_[manifested_];
        manifest.files.push_back({file.path.filename().string(), file.bytes, file.sha512});
    }
    add_text(std::move(name), manifest_json(manifest));
    manifested_ = files_.size();
}

std::vector<ProductFile> ProductFolder::commit() {
    directory_.commit();
    for (auto& file : files_) file.path = target_ / file.path;
    return std::move(files_);
}

}  // namespace hls::product
