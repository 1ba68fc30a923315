// SPDX-License-Identifier: Apache-2.0
#include "fetch/safe_product.hpp"

#include <fmt/format.h>

#include <fstream>
#include <map>

#include "core/error.hpp"
#include "fs/archive.hpp"
#include "fs/digest.hpp"
#include "fs/read_text.hpp"
#include "fs/unpack.hpp"
#include "fs/zip_directory.hpp"
#include "granule/sentinel2.hpp"

namespace hls::fetch {
namespace {

constexpr std::size_t kMostManifestBytes = 4 << 20;

[[noreturn]] void refuse(const std::string& id, const std::string& why) {
    throw Error{Exit::bad_input, fmt::format("{}.zip: {}", id, why),
                "the copy is discarded; fetch it again or from another source"};
}

// Files below the product's folder with their unpacked sizes.
std::map<std::string, std::uint64_t> files_in(const std::filesystem::path& zip,
                                              const std::string& id) {
    const std::string top = id + ".SAFE/";
    const fs::UnpackLimits limits;
    const auto members = fs::read_zip_directory(zip);
    if (members.size() > limits.members)
        refuse(id, fmt::format("more than {} members", limits.members));
    std::map<std::string, std::uint64_t> files;
    std::uint64_t unpacked = 0;
    for (const auto& member : members) {
        fs::require_safe_member_name(zip, member.name);
        if (!member.name.starts_with(top)) refuse(id, "more than the product is inside");
        if (member.special) refuse(id, "a link or a device is inside");
        if (member.encrypted) refuse(id, "an encrypted member is inside");
        unpacked += member.bytes;
        if (!member.folder) files[member.name.substr(top.size())] = member.bytes;
    }
    if (unpacked > limits.bytes) refuse(id, "unpacks to more than 4 GB");
    return files;
}

}  // namespace

void require_safe_zip(const std::filesystem::path& zip, const std::string& id) {
    const auto files = files_in(zip, id);
    int bands = 0;
    bool tile = false;
    for (const auto& [name, bytes] : files) {
        tile = tile || (name.starts_with("GRANULE/") && name.ends_with("/MTD_TL.xml"));
        if (name.find("/IMG_DATA/") == std::string::npos) continue;
        for (const auto& band : granule::sentinel2_bands())
            if (name.ends_with(fmt::format("_{}.jp2", band.name))) ++bands;
    }
    if (!files.contains("MTD_MSIL1C.xml") || !tile)
        refuse(id, "MTD_MSIL1C.xml or MTD_TL.xml is missing");
    if (bands < granule::kSentinel2Bands) refuse(id, fmt::format("{} of 13 bands", bands));
    fs::test_archive(zip);
    if (!files.contains("manifest.safe")) return;
    const std::string text =
        fs::read_archive_member(zip, id + ".SAFE/manifest.safe", kMostManifestBytes);
    for (const auto& file : granule::parse_safe_manifest(text, id + ".SAFE/manifest.safe")) {
        const auto there = files.find(file.path);
        if (there == files.end()) refuse(id, "the manifest's " + file.path + " is missing");
        if (file.bytes >= 0 && there->second != static_cast<std::uint64_t>(file.bytes))
            refuse(id, file.path + " has not the size that the manifest says");
    }
}

std::vector<net::Checksum> checksums_of(const granule::SafeFile& file) {
    if (file.algorithm == "MD5" && file.checksum.size() == 32)
        return {{fs::DigestKind::md5, file.checksum}};
    if (file.algorithm == "SHA3-256" && file.checksum.size() == 64)
        return {{fs::DigestKind::sha3_256, file.checksum}};
    return {};
}

bool is_whole_safe(const std::filesystem::path& folder) {
    try {
        const auto manifest = folder / "manifest.safe";
        const std::string text = fs::read_text(manifest, kMostManifestBytes);
        for (const auto& file : granule::parse_safe_manifest(text, manifest.string())) {
            const auto path = folder / file.path;
            if (file.bytes >= 0 &&
                std::filesystem::file_size(path) != static_cast<std::uintmax_t>(file.bytes))
                return false;
            for (const auto& sum : checksums_of(file))
                if (fs::digest_of_file(sum.kind, path) != sum.hex) return false;
        }
        return true;
    } catch (const std::filesystem::filesystem_error&) {
        return false;
    } catch (const Error& error) {
        if (error.code == Exit::bad_input || error.code == Exit::missing_input) return false;
        throw;
    }
}

void require_whole_jp2(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    std::string head(12, '\0'), tail(2, '\0');
    in.read(head.data(), 12);
    in.seekg(-2, std::ios::end);
    in.read(tail.data(), 2);
    const bool box = head == std::string("\0\0\0\x0cjP  \r\n\x87\n", 12);
    const bool codestream = head.starts_with("\xff\x4f\xff\x51");
    if (in && (box || codestream) && tail == "\xff\xd9") return;
    throw Error{Exit::bad_input, file.filename().string() + ": not a whole JPEG 2000 file",
                "the copy is discarded; fetch it again or from another source"};
}

}  // namespace hls::fetch
