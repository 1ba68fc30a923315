// SPDX-License-Identifier: Apache-2.0
// One request on one libcurl handle: what is set, what comes back. Internal to net.
#pragma once

#include <curl/curl.h>

#include <cstdio>
#include <memory>
#include <string>

#include "net/http_client.hpp"

namespace hls::net {

// Takes the answer as it arrives. Redirect bodies are not shown to it.
class Receiver {
 public:
    virtual ~Receiver() = default;
    // Status and headers are complete. False ends the transfer.
    virtual bool on_headers(int status, const Headers& headers) = 0;
    // False ends the transfer.
    virtual bool on_data(std::string_view data) = 0;
};

enum class TransportFailure {
    none,
    passing,      // reset, time-out, stall, short body, DNS: try again
    unreachable,  // no connection came about: as passing, and the host may be down
    lasting,      // certificate, bad address: trying again changes nothing
    stopped,      // the receiver ended it
    cancelled,
};

struct TransportOutcome {
    TransportFailure failure = TransportFailure::none;
    bool sent = true;     // the request may have reached the server
    std::string message;  // libcurl's words
};

// Configures `handle` for `request`; alive while the transfer runs.
class Transfer {
 public:
    Transfer(CURL* handle, const Request& request, const TransportOptions& options,
             Receiver& receiver);
    ~Transfer();
    Transfer(const Transfer&) = delete;
    Transfer& operator=(const Transfer&) = delete;

    CURL* handle() const { return handle_; }
    int status() const { return status_; }
    const Headers& headers() const { return headers_; }
    TransportOutcome outcome(CURLcode code) const;

 private:
    static std::size_t header_callback(char* data, std::size_t size, std::size_t count, void* self);
    static std::size_t write_callback(char* data, std::size_t size, std::size_t count, void* self);
    static std::size_t read_callback(char* data, std::size_t size, std::size_t count, void* self);
    static int seek_callback(void* self, curl_off_t offset, int origin);
    static int progress_callback(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t);
    static curl_socket_t open_socket(void* self, curlsocktype, struct curl_sockaddr* address);

    void set_transport(const TransportOptions& options);
    void set_method();
    void take_header(std::string_view line);

    CURL* handle_;
    const Request& request_;
    Receiver& receiver_;
    curl_slist* header_list_ = nullptr;
    std::unique_ptr<std::FILE, int (*)(std::FILE*)> body_;
    std::int64_t body_left_ = 0;
    std::size_t body_sent_ = 0;
    int status_ = 0;
    Headers headers_;
    bool headers_seen_ = false;
    bool stopped_ = false;
    bool public_only_ = false;
    char error_[CURL_ERROR_SIZE] = {};
};

// curl_global_init() once per process.
void ensure_curl();

}  // namespace hls::net
