// SPDX-License-Identifier: Apache-2.0
#include "fetch/laads.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <nlohmann/json.hpp>

#include "core/error.hpp"
#include "core/parse.hpp"
#include "fetch/json.hpp"
#include "net/endpoints.hpp"

namespace hls::fetch {
namespace {

using Json = nlohmann::json;
using Date = std::chrono::year_month_day;

struct Product {
    std::string_view name, ending;
    int archive_set;
};
// fetch.md 1.4
constexpr std::array<Product, 6> kProducts{{{"VJ104ANC", "h5", 5200},
                                            {"VNP04ANC", "h5", 5200},
                                            {"MOD09CMG", "hdf", 61},
                                            {"MOD09CMA", "hdf", 61},
                                            {"MYD09CMG", "hdf", 61},
                                            {"MYD09CMA", "hdf", 61}}};

const Product* product_named(std::string_view name) {
    const auto* found = std::find_if(kProducts.begin(), kProducts.end(),
                                     [&](const Product& p) { return p.name == name; });
    return found == kProducts.end() ? nullptr : found;
}

bool digits(std::string_view text, std::size_t count) {
    return text.size() == count &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::optional<Date> date_of(std::string_view day) {
    using namespace std::chrono;
    if (!digits(day, 7)) return std::nullopt;
    const auto y = static_cast<int>(*to_int(day.substr(0, 4)));
    const auto number = static_cast<int>(*to_int(day.substr(4)));
    const Date date{sys_days{year{y} / January / 1} + days{number - 1}};
    if (number < 1 || static_cast<int>(date.year()) != y) return std::nullopt;
    return date;
}

// ".../5200/VJ104ANC/2024/067"
std::string folder_of(const LaadsName& name) {
    const std::string day = day_text(name.date);
    return fmt::format("allData/{}/{}/{}/{}", product_named(name.product)->archive_set,
                       name.product, day.substr(0, 4), day.substr(4));
}

void require_hdf(const std::filesystem::path& path, const std::string& name) {
    constexpr std::string_view kHdf5 = "\x89HDF\r\n\x1a\n";
    constexpr std::string_view kHdf4 = "\x0e\x03\x13\x01";
    std::array<char, 8> start{};
    std::ifstream(path, std::ios::binary).read(start.data(), start.size());
    const std::string_view magic = name.ends_with(".h5") ? kHdf5 : kHdf4;
    if (std::string_view(start.data(), start.size()).starts_with(magic)) return;
    throw Error{Exit::bad_input, name + ": what came is no HDF file"};
}

}  // namespace

std::string day_text(Date date) {
    using namespace std::chrono;
    const auto number = (sys_days{date} - sys_days{date.year() / January / 1}).count() + 1;
    return fmt::format("{:04}{:03}", static_cast<int>(date.year()), number);
}

std::optional<LaadsName> parse_laads_name(std::string_view file_name) {
    const auto pieces = split(file_name, '.');
    if (pieces.size() != 5 || !pieces[1].starts_with('A')) return std::nullopt;
    const Product* product = product_named(pieces[0]);
    const auto date = date_of(pieces[1].substr(1));
    if (product == nullptr || !date || pieces[4] != product->ending || !digits(pieces[2], 3) ||
        !digits(pieces[3], 13))
        return std::nullopt;
    return LaadsName{std::string(pieces[0]), *date, fmt::format("{}.{}", pieces[2], pieces[3])};
}

std::optional<LaadsFile> newest_of_listing(std::string_view text, std::string_view product,
                                           Date date) {
    if (trim(text).starts_with('<'))
        throw Error{Exit::permission, "LAADS answers with a web page instead of a listing",
                    "is the Earthdata token good? EARTHDATA_TOKEN, or hls-fetch doctor"};
    const Json answer = strict_json<Json>(text);
    const Json* content = &answer;
    if (answer.is_object())
        if (const auto it = answer.find("content"); it != answer.end()) content = &*it;
    if (!content->is_array()) throw Error{Exit::bad_input, "the listing of LAADS holds no content"};
    std::optional<LaadsFile> newest;
    std::string newest_version;
    for (const Json& item : *content) {
        if (!item.is_object()) continue;
        LaadsFile file{text_at(item, "name"), -1, text_at(item, "md5sum")};
        const auto name = parse_laads_name(file.name);
        if (!name || name->product != product || name->date != date) continue;
        if (newest && name->version <= newest_version) continue;
        if (const auto bytes = number_at(item, "size"); bytes && *bytes > 0)
            file.bytes = static_cast<std::int64_t>(*bytes);
        const bool hex = file.md5.size() == 32 &&
                         file.md5.find_first_not_of("0123456789abcdef") == std::string::npos;
        if (!hex) file.md5.clear();
        newest = std::move(file);
        newest_version = name->version;
    }
    return newest;
}

LaadsArchive::LaadsArchive(net::HttpClient& client)
    : client_(client), authorizer_(client, {net::authority(net::endpoint("laads"))}) {}

std::optional<LaadsFile> LaadsArchive::find(std::string_view product, Date date) {
    if (product_named(product) == nullptr)
        throw Error{Exit::internal, fmt::format("LAADS holds no {}", product)};
    net::Request request;
    const std::string folder = folder_of({std::string(product), date, {}});
    request.url = net::below(net::endpoint("laads"), "/api/v2/content/details/" + folder);
    const net::Response response = client_.send(request, &authorizer_);
    // The folder of a day is made when its first file is.
    if (response.status == 404) return std::nullopt;
    const std::string what = fmt::format("LAADS, {} of {}", product, day_text(date));
    if (!response.ok()) throw net::refusal(response, what);
    try {
        return newest_of_listing(response.body, product, date);
    } catch (const Error& error) {
        throw Error{error.code, what + ": " + error.message, error.hint};
    }
}

std::filesystem::path LaadsArchive::get(const LaadsFile& file,
                                        const std::filesystem::path& folder) {
    const auto name = parse_laads_name(file.name);
    if (!name) throw Error{Exit::internal, file.name + ": no file of LAADS"};
    net::Download download;
    download.identity = file.name + ' ' + file.md5;
    download.request.url =
        net::below(net::endpoint("laads"), "/archive/" + folder_of(*name) + '/' + file.name);
    download.authorizer = &authorizer_;
    download.target = folder / file.name;
    download.bytes = file.bytes;
    if (!file.md5.empty()) download.checksums = {{fs::DigestKind::md5, file.md5}};
    download.bytes_are_law = file.md5.empty();
    download.validate = [&](const std::filesystem::path& part) { require_hdf(part, file.name); };
    net::DownloadOptions options;
    options.jobs = 1;
    options.min_free_bytes = 0;
    const auto result = net::Downloader(client_, options).run({download}).front();
    if (result.exit != Exit::ok) throw Error{result.exit, result.message, result.hint};
    return download.target;
}

}  // namespace hls::fetch
