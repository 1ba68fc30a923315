// SPDX-License-Identifier: Apache-2.0
// Pages of any catalogue.
#include <nlohmann/json.hpp>

#include "core/error.hpp"
#include "fetch/catalogues.hpp"
#include "fetch/json.hpp"

namespace hls::fetch {

template <>
nlohmann::json page_of(net::HttpClient& client, const net::Request& request, const char* member) {
    constexpr int kTries = 3;
    for (int attempt = 1;; ++attempt) {
        const auto response = client.send(request);
        if (!response.ok()) throw net::refusal(response, "catalogue " + request.url.host);
        try {
            auto json = strict_json<nlohmann::json>(response.body);
            if (member_at(json, member).is_array()) return json;
        } catch (const Error&) {  // a maintenance page, perhaps
        }
        if (attempt == kTries)
            throw Error{Exit::unavailable, "the catalogue's answer holds no products: " +
                                               response.body.substr(0, 200)};
    }
}

net::Url next_page(const net::Url& current, const std::string& link) {
    const net::Url next = net::resolve(current, link);
    if (!same_origin(next, current) || next.path != current.path)
        throw Error{Exit::bad_input,
                    "foreign next link: the next page is elsewhere: " + net::shown(link)};
    return next;
}

}  // namespace hls::fetch
