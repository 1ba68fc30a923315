// SPDX-License-Identifier: Apache-2.0
// The small XML documents of S3 and STS. Internal to net.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "net/s3.hpp"

namespace hls::net {

// Calls leaf(path, text) for every element without children, path like
// "ListBucketResult/Contents/Key", and closed(path) at every end tag. No document type, no entities
// but the five and numbers. Throws Error{bad_input}: not well-formed, deeper than 8.
void walk_xml(std::string_view text,
              const std::function<void(const std::string& path, const std::string& text)>& leaf,
              const std::function<void(const std::string& path)>& closed);

// Text of the first element of this name, wherever it is; empty if there is none.
std::string xml_value(std::string_view text, std::string_view name);

struct ListPage {
    S3Listing listing;
    bool truncated = false;
    std::string next_token;
};
// A ListObjectsV2 answer; keys are decoded when it says encoding-type url.
ListPage parse_list_page(std::string_view text);

}  // namespace hls::net
