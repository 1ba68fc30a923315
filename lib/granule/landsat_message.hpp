// SPDX-License-Identifier: Apache-2.0
// The message that USGS publishes when a Landsat scene is ready (SNS topic public-c2-notify-v2).
#pragma once

#include <string_view>

#include "granule/landsat.hpp"

namespace hls::granule {

struct LandsatMessage {
    LandsatProductId id;
    std::string product_id;
    std::string s3_location;  // may be empty
};

// Reads the message itself, {"landsat_product_id":..,"s3_location":..}, or an SNS notification that
// carries it as text in "Message", alone or as the first of Lambda's "Records". Further keys are
// ignored. Throws Error{bad_input} naming `source`.
LandsatMessage parse_landsat_message(std::string_view json, std::string_view source);

}  // namespace hls::granule
