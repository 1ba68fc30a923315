// SPDX-License-Identifier: Apache-2.0
// How to get at the files of imagery on the net: addresses of s3:// links, and the credentials that
// each host wants and no other gets.
#pragma once

#include <memory>
#include <string>

#include "chip/imagery_table.hpp"
#include "chip/remote_file.hpp"
#include "net/http_client.hpp"

namespace hls::chip {

bool is_remote_link(const std::string& href) noexcept;

// Thread-safe. Asks for credentials only when a link needs them.
class ImageryAccess {
 public:
    explicit ImageryAccess(const ImageryTable& table);
    ~ImageryAccess();
    ImageryAccess(const ImageryAccess&) = delete;
    ImageryAccess& operator=(const ImageryAccess&) = delete;

    // `href` is https://, http:// on loopback, or s3://; the collection decides on tokens.
    RemoteFile open(const std::string& href, const std::string& collection, NetTally& tally);

    net::HttpClient& client();

 private:
    struct State;

    RemoteLink link_to(const std::string& href, const std::string& collection);
    RemoteLink object_link(const std::string& href, const std::string& collection);

    const ImageryTable& table_;
    std::unique_ptr<State> state_;
};

}  // namespace hls::chip
