// SPDX-License-Identifier: Apache-2.0
#include "granule/sentinel2_files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "core/error.hpp"
#include "core/parse.hpp"
#include "granule/sentinel2.hpp"
#include "granule/sentinel2_xml.hpp"

namespace hls::granule {
namespace {

void visit(const xml::Element& element, const std::function<void(const xml::Element&)>& look) {
    look(element);
    for (const auto& child : element.children) visit(child, look);
}

std::string attribute(const xml::Element& element, std::string_view name) {
    return std::string(element.attribute(name).value_or(std::string_view{}));
}

// A relative path that stays below its folder, without "./" in front.
std::string safe_path(std::string_view path, std::string_view source) {
    while (path.starts_with("./")) path.remove_prefix(2);
    bool safe = !path.empty() && path.front() != '/';
    for (const char c : path)
        safe = safe && static_cast<unsigned char>(c) > ' ' && c != '\\' && c != ':';
    for (const auto piece : split(path, '/')) safe = safe && !piece.empty() && piece != "..";
    if (!safe)
        throw Error{Exit::bad_input,
                    fmt::format("{}: a path that leads out of the product", source)};
    return std::string(path);
}

std::string lower(std::string text) {
    for (char& c : text)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return text;
}

SafeFile file_of(const xml::Element& stream, std::string_view source) {
    SafeFile file;
    file.bytes = to_int(attribute(stream, "size")).value_or(-1);
    for (const auto& child : stream.children) {
        if (local_name(child.name) == "fileLocation")
            file.path = safe_path(attribute(child, "href"), source);
        if (local_name(child.name) != "checksum") continue;
        file.algorithm = attribute(child, "checksumName");
        file.checksum = lower(child.text);
    }
    return file;
}

// S2A_OPER_MSI_L1C_DS_VGS4_20210908T070248_S20210908T043714_N03.01 ->
// DATASTRIP/DS_VGS4_20210908T070248_S20210908T043714
std::string datastrip_folder(const std::string& id) {
    const auto start = id.find("_DS_");
    const auto end = id.rfind("_N");
    if (start == std::string::npos || end == std::string::npos || end < start) return {};
    return "DATASTRIP/" + id.substr(start + 1, end - start - 1);
}

}  // namespace

std::vector<SafeFile> parse_safe_manifest(std::string_view text, std::string_view source) {
    const xml::Element root = xml::parse(text, source);
    std::vector<SafeFile> files;
    if (local_name(root.name) == "XFDU")
        visit(root, [&](const xml::Element& element) {
            if (local_name(element.name) != "byteStream") return;
            SafeFile file = file_of(element, source);
            if (!file.path.empty()) files.push_back(std::move(file));
        });
    if (files.empty())
        throw Error{Exit::bad_input, fmt::format("{}: not the manifest of a product", source)};
    return files;
}

Sentinel2Files parse_sentinel2_files(std::string_view product_xml, std::string_view source) {
    const Sentinel2Xml xml(product_xml, source, "Level-1C_User_Product");
    Sentinel2Files files;
    int granules = 0;
    visit(xml.root(), [&](const xml::Element& element) {
        const auto name = local_name(element.name);
        if (name == "Granule" || name == "Granules") {
            ++granules;
            files.datastrip_id = attribute(element, "datastripIdentifier");
        }
        if (name == "IMAGE_FILE") files.images.push_back(safe_path(element.text, source) + ".jp2");
    });
    if (granules != 1) xml.fail(fmt::format("{} granules, one is expected", granules));
    int bands = 0;
    for (const auto& image : files.images)
        for (const auto& band : sentinel2_bands())
            if (image.ends_with(fmt::format("_{}.jp2", band.name))) ++bands;
    if (bands != kSentinel2Bands) xml.fail(fmt::format("{} of 13 bands are named", bands));
    const std::string& first = files.images.front();
    const auto images_at = first.find("/IMG_DATA/");
    if (images_at == std::string::npos) xml.fail("IMAGE_FILE is not below IMG_DATA");
    files.granule_folder = first.substr(0, images_at);
    for (const auto& image : files.images)
        if (!image.starts_with(files.granule_folder + "/IMG_DATA/"))
            xml.fail("IMAGE_FILE entries are of several granules");
    files.datastrip_folder = datastrip_folder(files.datastrip_id);
    return files;
}

std::vector<std::string> sentinel2_mask_names(std::string_view tile_xml, std::string_view source) {
    const xml::Element root = xml::parse(tile_xml, source);
    std::vector<std::string> names;
    visit(root, [&](const xml::Element& element) {
        if (local_name(element.name) != "MASK_FILENAME") return;
        const std::string& path = element.text;
        names.push_back(path.substr(path.rfind('/') + 1));
    });
    return names;
}

}  // namespace hls::granule
