// SPDX-License-Identifier: Apache-2.0
#include "granule/landsat_message.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/error.hpp"

namespace hls::granule {
namespace {

using Json = nlohmann::json;

[[noreturn]] void refuse(std::string_view source, std::string_view what) {
    throw Error{Exit::bad_input, fmt::format("{}: {}", source, what),
                "expected the USGS message with landsat_product_id"};
}

Json parse(std::string_view text, std::string_view source) {
    Json value = Json::parse(text, nullptr, false);
    if (value.is_discarded()) refuse(source, "not JSON");
    return value;
}

// The innermost object of the wrappings that SNS, SQS and Lambda put around a message.
Json unwrap(Json value, std::string_view source) {
    constexpr int kDeepest = 4;
    for (int depth = 0; depth < kDeepest && value.is_object(); ++depth) {
        if (value.contains("Records") && value["Records"].is_array() && !value["Records"].empty()) {
            Json first = value["Records"][0];
            value = std::move(first);
        } else if (value.contains("Sns")) {
            Json notification = value["Sns"];
            value = std::move(notification);
        } else if (value.contains("Message") && value["Message"].is_string()) {
            value = parse(value["Message"].get<std::string>(), source);
        } else {
            break;
        }
    }
    return value;
}

std::string text_of(const Json& object, const char* key) {
    const auto it = object.find(key);
    return it != object.end() && it->is_string() ? it->get<std::string>() : std::string{};
}

}  // namespace

LandsatMessage parse_landsat_message(std::string_view json, std::string_view source) {
    const Json message = unwrap(parse(json, source), source);
    if (!message.is_object() || !message.contains("landsat_product_id"))
        refuse(source, "no landsat_product_id in the message");
    LandsatMessage result;
    result.product_id = text_of(message, "landsat_product_id");
    result.s3_location = text_of(message, "s3_location");
    const auto id = parse_landsat_product_id(result.product_id);
    if (!id) refuse(source, fmt::format("'{}' is no Landsat product id", result.product_id));
    result.id = *id;
    return result;
}

}  // namespace hls::granule
