// SPDX-License-Identifier: Apache-2.0
// JSON from outside: strict, bounded, and read without surprises. Internal to fetch. `Json` is
// nlohmann::json, which only .cpp files know; json.cpp has the instances.
#pragma once

#include <string>
#include <string_view>

#include "fetch/record.hpp"

namespace hls::fetch {

// Throws Error{bad_input}: not JSON, deeper than 64, a key twice in one object, not UTF-8.
template <typename Json>
Json strict_json(std::string_view text);

// Member of an object; null if there is none.
template <typename Json>
const Json& member_at(const Json& object, const char* name);
// Member as text or number; empty or absent for anything else.
template <typename Json>
std::string text_at(const Json& object, const char* name);
template <typename Json>
std::optional<double> number_at(const Json& object, const char* name);
// "2024-09-12T14:52:06.118Z"; empty for what is no instant.
template <typename Json>
std::string instant_at(const Json& object, const char* name);

// A record of our own ("v":1,"kind":"granule").
template <typename Json>
GranuleRecord record_of(const Json& json);
// Of CDSE's OData, LandsatLook's and Earth Search's STAC, AWS's productInfo. The id may come out
// as something that describe_by_id() does not know.
template <typename Json>
GranuleRecord record_of_odata(const Json& product);
template <typename Json>
GranuleRecord record_of_stac(const Json& item);
template <typename Json>
GranuleRecord record_of_aws_product(const Json& product);
// tileInfo.json, or a row of a catalogue made of them.
template <typename Json>
GranuleRecord record_of_aws_tile(const Json& tile);

// An AWS Batch job state change as one line for the job log.
template <typename Json>
std::string job_line(const Json& event);

}  // namespace hls::fetch
