// SPDX-License-Identifier: Apache-2.0
// The ozone and water vapour products that NASA's LAADS archive holds for a day.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "net/download.hpp"
#include "net/http_client.hpp"
#include "net/token.hpp"

namespace hls::fetch {

// "2024067"
std::string day_text(std::chrono::year_month_day date);

// A name like VJ104ANC.A2024067.002.2024068120000.h5 of the products this kit uses.
struct LaadsName {
    std::string product;  // VJ104ANC, VNP04ANC, MOD09CMG, MOD09CMA, MYD09CMG, MYD09CMA
    std::chrono::year_month_day date;
    std::string version;  // "002.2024068120000": collection and instant of production
};
std::optional<LaadsName> parse_laads_name(std::string_view file_name);

struct LaadsFile {
    std::string name;
    std::int64_t bytes = -1;  // -1: the listing does not say
    std::string md5;          // empty: the listing does not say
};

// What a listing of LAADS says: the file of `product` and `date` that was produced last, nullopt if
// there is none. `text` is {"content": [..]} or a bare array of {"name","size","md5sum"}; names of
// other products and days are passed over. Throws Error{permission} for a web page (nobody is
// logged in), Error{bad_input} for anything else.
std::optional<LaadsFile> newest_of_listing(std::string_view text, std::string_view product,
                                           std::chrono::year_month_day date);

// Asks and fetches with the user's Earthdata token or login. Addresses are made from the endpoint
// table, never taken from a listing.
class LaadsArchive {
 public:
    explicit LaadsArchive(net::HttpClient& client);

    // nullopt: not produced (yet). Throws Error{permission, temporary, bad_input, usage}.
    std::optional<LaadsFile> find(std::string_view product, std::chrono::year_month_day date);

    // Into `folder`, under its own name: resumed, of the right length and digest, and HDF by its
    // first bytes. Throws what became of it.
    std::filesystem::path get(const LaadsFile& file, const std::filesystem::path& folder);

 private:
    net::HttpClient& client_;
    net::EarthdataAuthorizer authorizer_;
};

}  // namespace hls::fetch
