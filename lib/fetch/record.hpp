// SPDX-License-Identifier: Apache-2.0
// The normal form of everything that says "this granule exists": one JSON line (hls-formats(5)).
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"

namespace hls::fetch {

struct GranuleUrl {
    std::string rel;   // "zip", "s3"
    std::string href;  // https://... or s3://bucket/prefix/
    std::string auth;  // "cdse", "eodata", "usgs", "aws": whose credentials it wants
};

// How a record came: "cdse-push", "sns", "s3-event", "stac", ... and what acknowledges it.
struct Via {
    std::string kind, ack, time;
};

// Where a text is empty or a number absent the source did not say it.
struct GranuleRecord {
    std::string event = "created";  // created, modified, withdrawn, successor, listed
    std::string mission;            // S2, LS
    std::string id;                 // product name without ending; empty only if need_lookup
    std::string requested_id;       // what was asked for, when the answer is another product
    std::string uuid;
    std::string source;  // cdse, usgs, aws-s2, earthsearch, local
    std::string sensor;  // S2A .. S2D, L8, L9
    std::string tile;    // 28PHQ
    int path = 0, row = 0;
    int orbit = 0;                                                            // relative
    std::string sensed_at, acq_date, published_at, produced_at, modified_at;  // UTC
    std::string baseline;                                                     // 0511
    std::string level, tier;                                                  // L1TP; RT, T1, T2
    std::string group;  // what repeated publications of one image share
    std::string datastrip;
    std::optional<double> cloud, sun_elevation;    // percent, degrees
    std::optional<std::array<double, 4>> bbox;     // west, south, east, north
    std::int64_t size = -1;                        // bytes
    std::map<std::string, std::string> sums;       // "md5", "blake3": of the zip
    std::map<std::string, std::string> file_sums;  // file name -> sha512
    std::vector<GranuleUrl> urls;
    bool online = true;
    bool need_lookup = false;  // only the id is known
    bool accept = true;
    std::string why;  // not accepted: "filtered:product"
    Via via;

    bool operator==(const GranuleRecord& other) const;
};

// Fills mission, sensor, tile or path and row, dates, baseline, level, tier and group from `id`.
// False if the id is neither a Sentinel-2 nor a Landsat product of any sensor.
bool describe_by_id(GranuleRecord& record);

// The id alone, whatever is around it: blanks, lower case, a folder, .SAFE, .zip, .tar.
std::string normalised_id(std::string_view text);

// "s3://usgs-landsat/collection02/level-1/standard/oli-tirs/2023/001/005/<id>/"
std::string landsat_s3_prefix(std::string_view id);

// One line without its end. A scene whose sun is too low for processing carries "gate":"low_sun".
std::string to_json(const GranuleRecord& record);
GranuleRecord record_from_json(std::string_view text);

// What could not be understood or is not wanted.
struct Reject {
    std::string why;  // bad_json, unknown_name, not_allowed_bucket, filtered:<rule>
    std::string raw;  // at most 200 bytes
    Via via;
};
std::string to_json(const Reject& reject);

}  // namespace hls::fetch
