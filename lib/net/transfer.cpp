// SPDX-License-Identifier: Apache-2.0
#include "net/transfer.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "core/cancel.hpp"
#include "core/error.hpp"
#include "core/log.hpp"
#include "core/parse.hpp"
#include "net/endpoints.hpp"
#include "net/redact.hpp"

namespace hls::net {
namespace {

constexpr long kBufferBytes = 512 * 1024;
constexpr long kLeastBytesPerSecond = 1024;
constexpr long kCleanUpMilliseconds = 3000;

// Loopback, private, link-local and other addresses that no public service has (RFC 6890).
bool is_private(const sockaddr* address) {
    if (address->sa_family == AF_INET) {
        const auto ip = ntohl(reinterpret_cast<const sockaddr_in*>(address)->sin_addr.s_addr);
        const auto in = [ip](std::uint32_t net, int bits) {
            return (ip >> (32 - bits)) == (net >> (32 - bits));
        };
        return in(0x0a000000, 8) || in(0xac100000, 12) || in(0xc0a80000, 16) ||
               in(0xa9fe0000, 16) || in(0x7f000000, 8) || in(0, 8) || in(0x64400000, 10);
    }
    if (address->sa_family == AF_INET6) {
        const auto& ip = reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr;
        if (IN6_IS_ADDR_V4MAPPED(&ip)) return true;
        return IN6_IS_ADDR_LOOPBACK(&ip) || IN6_IS_ADDR_LINKLOCAL(&ip) ||
               IN6_IS_ADDR_UNSPECIFIED(&ip) || (ip.s6_addr[0] & 0xfe) == 0xfc;
    }
    return true;
}

bool has_proxy() {
    for (const char* name : {"https_proxy", "HTTPS_PROXY", "http_proxy", "all_proxy", "ALL_PROXY"})
        if (const char* value = std::getenv(name); value != nullptr && *value != '\0') return true;
    return false;
}

// Who sends it a second time has to know that a refusal may come from the first.
bool is_conditional_write(const Request& request) {
    return request.method != "GET" && (!find_header(request.headers, "If-None-Match").empty() ||
                                       !find_header(request.headers, "If-Match").empty());
}

int log_trace(CURL*, curl_infotype type, char* data, std::size_t size, void*) {
    if (type == CURLINFO_TEXT || type == CURLINFO_HEADER_OUT || type == CURLINFO_HEADER_IN)
        for (const auto line : split(std::string_view(data, size), '\n'))
            if (!trim(line).empty()) log_debug("{}", redacted(trim(line)));
    return 0;
}

}  // namespace

void ensure_curl() {
    static const CURLcode code = curl_global_init(CURL_GLOBAL_DEFAULT);
    if (code != CURLE_OK) throw Error{Exit::resource, "libcurl cannot start"};
}

Transfer::Transfer(CURL* handle, const Request& request, const TransportOptions& options,
                   Receiver& receiver)
    : handle_(handle), request_(request), receiver_(receiver), body_(nullptr, std::fclose) {
    require_safe(request.url);
    if (is_machine_service(request.url) && !options.machine_services &&
        !is_trusted_origin(request.url))
        throw Error{Exit::bad_input, request.url.host + ": no address to fetch from"};
    public_only_ = !is_trusted_origin(request.url) && !is_loopback(request.url.host) &&
                   !(options.machine_services && is_machine_service(request.url)) && !has_proxy();
    curl_easy_reset(handle_);
    const std::string address = to_string(request.url);
    curl_easy_setopt(handle_, CURLOPT_URL, address.c_str());
    for (const auto& [name, value] : request.headers)
        header_list_ = curl_slist_append(
            header_list_, value.empty() ? (name + ';').c_str() : (name + ": " + value).c_str());
    set_transport(options);
    set_method();
    curl_easy_setopt(handle_, CURLOPT_HTTPHEADER, header_list_);
}

Transfer::~Transfer() {
    curl_easy_setopt(handle_, CURLOPT_HTTPHEADER, nullptr);
    curl_slist_free_all(header_list_);
}

void Transfer::set_transport(const TransportOptions& options) {
    const auto set = [this](CURLoption option, auto value) {
        curl_easy_setopt(handle_, option, value);
    };
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    set(CURLOPT_FOLLOWLOCATION, 0L);
    set(CURLOPT_SSL_VERIFYPEER, 1L);
    set(CURLOPT_SSL_VERIFYHOST, 2L);
    set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    if (!options.ca_file.empty()) set(CURLOPT_CAINFO, options.ca_file.c_str());
    set(CURLOPT_USERAGENT, options.user_agent.c_str());
    set(CURLOPT_PATH_AS_IS, 1L);  // what was signed is what is sent
    set(CURLOPT_TCP_KEEPALIVE, 1L);
    set(CURLOPT_BUFFERSIZE, kBufferBytes);
    set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options.connect_timeout.count() * 1000));
    set(CURLOPT_LOW_SPEED_LIMIT, kLeastBytesPerSecond);
    set(CURLOPT_LOW_SPEED_TIME, std::max(1L, static_cast<long>(options.stall_timeout.count())));
    // libcurl repeats by itself what it sent on a kept connection that was dead, and does not tell.
    if (!request_.idempotent || is_conditional_write(request_)) set(CURLOPT_FRESH_CONNECT, 1L);
    if (request_.even_if_cancelled) set(CURLOPT_TIMEOUT_MS, kCleanUpMilliseconds);
    if (options.max_bytes_per_second > 0)
        set(CURLOPT_MAX_RECV_SPEED_LARGE, static_cast<curl_off_t>(options.max_bytes_per_second));
    if (is_loopback(request_.url.host) || is_machine_service(request_.url))
        set(CURLOPT_NOPROXY, "*");
    set(CURLOPT_ERRORBUFFER, error_);
    set(CURLOPT_HEADERFUNCTION, &Transfer::header_callback);
    set(CURLOPT_HEADERDATA, static_cast<void*>(this));
    set(CURLOPT_WRITEFUNCTION, &Transfer::write_callback);
    set(CURLOPT_WRITEDATA, static_cast<void*>(this));
    set(CURLOPT_NOPROGRESS, 0L);
    set(CURLOPT_XFERINFOFUNCTION, &Transfer::progress_callback);
    set(CURLOPT_XFERINFODATA, static_cast<void*>(this));
    set(CURLOPT_OPENSOCKETFUNCTION, &Transfer::open_socket);
    set(CURLOPT_OPENSOCKETDATA, static_cast<void*>(this));
    if (log_settings().level >= LogLevel::debug) {
        set(CURLOPT_VERBOSE, 1L);
        set(CURLOPT_DEBUGFUNCTION, &log_trace);
    }
}

void Transfer::set_method() {
    const std::string& method = request_.method;
    const bool has_file = !request_.file.path.empty();
    if (method == "HEAD") {
        curl_easy_setopt(handle_, CURLOPT_NOBODY, 1L);
    } else if (method == "PUT" || has_file) {
        body_left_ =
            has_file ? request_.file.bytes : static_cast<std::int64_t>(request_.body.size());
        if (has_file) {
            body_.reset(std::fopen(request_.file.path.c_str(), "rbe"));
            if (!body_ || fseeko(body_.get(), request_.file.offset, SEEK_SET) != 0)
                throw Error{Exit::missing_input, request_.file.path.string() + ": cannot be read"};
        }
        curl_easy_setopt(handle_, CURLOPT_UPLOAD, 1L);
        curl_easy_setopt(handle_, CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(body_left_));
        curl_easy_setopt(handle_, CURLOPT_UPLOAD_BUFFERSIZE, kBufferBytes);
        curl_easy_setopt(handle_, CURLOPT_READFUNCTION, &Transfer::read_callback);
        curl_easy_setopt(handle_, CURLOPT_READDATA, static_cast<void*>(this));
        curl_easy_setopt(handle_, CURLOPT_SEEKFUNCTION, &Transfer::seek_callback);
        curl_easy_setopt(handle_, CURLOPT_SEEKDATA, static_cast<void*>(this));
    } else if (method == "POST") {
        curl_easy_setopt(handle_, CURLOPT_POST, 1L);
        curl_easy_setopt(handle_, CURLOPT_POSTFIELDSIZE_LARGE,
                         static_cast<curl_off_t>(request_.body.size()));
        curl_easy_setopt(handle_, CURLOPT_POSTFIELDS, request_.body.c_str());
        // Without one libcurl would claim a form, which the signer did not see.
        if (find_header(request_.headers, "Content-Type").empty())
            header_list_ = curl_slist_append(header_list_, "Content-Type:");
    }
    if (method != "GET" && method != "HEAD" && method != "POST" && method != "PUT")
        curl_easy_setopt(handle_, CURLOPT_CUSTOMREQUEST, method.c_str());
}

std::size_t Transfer::header_callback(char* data, std::size_t size, std::size_t count, void* self) {
    static_cast<Transfer*>(self)->take_header({data, size * count});
    return static_cast<Transfer*>(self)->stopped_ ? 0 : size * count;
}

void Transfer::take_header(std::string_view line) {
    line = trim(line);
    if (line.starts_with("HTTP/")) {  // also after 100 Continue
        const auto words = split_words(line);
        status_ = words.size() > 1 ? static_cast<int>(to_int(words[1]).value_or(0)) : 0;
        headers_.clear();
    } else if (line.empty()) {
        if (status_ < 200 || headers_seen_) return;
        headers_seen_ = true;
        stopped_ = !receiver_.on_headers(status_, headers_);
    } else if (const auto colon = line.find(':'); colon != std::string_view::npos) {
        headers_.emplace_back(trim(line.substr(0, colon)), trim(line.substr(colon + 1)));
    }
}

std::size_t Transfer::write_callback(char* data, std::size_t size, std::size_t count, void* self) {
    auto* transfer = static_cast<Transfer*>(self);
    if (transfer->receiver_.on_data({data, size * count})) return size * count;
    transfer->stopped_ = true;
    return 0;
}

std::size_t Transfer::read_callback(char* data, std::size_t size, std::size_t count, void* self) {
    auto* transfer = static_cast<Transfer*>(self);
    const auto wanted =
        std::min<std::int64_t>(static_cast<std::int64_t>(size * count), transfer->body_left_);
    std::size_t got = static_cast<std::size_t>(wanted);
    if (transfer->body_) {
        got = std::fread(data, 1, got, transfer->body_.get());
        if (got == 0 && wanted > 0) return CURL_READFUNC_ABORT;
    } else {
        std::memcpy(data, transfer->request_.body.data() + transfer->body_sent_, got);
    }
    transfer->body_sent_ += got;
    transfer->body_left_ -= static_cast<std::int64_t>(got);
    return got;
}

// libcurl rewinds when a kept connection turns out to be dead.
int Transfer::seek_callback(void* self, curl_off_t offset, int origin) {
    auto* transfer = static_cast<Transfer*>(self);
    if (origin != SEEK_SET) return CURL_SEEKFUNC_CANTSEEK;
    const Request& request = transfer->request_;
    const auto size =
        transfer->body_ ? request.file.bytes : static_cast<std::int64_t>(request.body.size());
    if (transfer->body_ && fseeko(transfer->body_.get(), request.file.offset + offset, SEEK_SET))
        return CURL_SEEKFUNC_FAIL;
    transfer->body_sent_ = static_cast<std::size_t>(offset);
    transfer->body_left_ = size - offset;
    return CURL_SEEKFUNC_OK;
}

int Transfer::progress_callback(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    const bool goes_on = static_cast<Transfer*>(self)->request_.even_if_cancelled;
    return cancel_signal() != 0 && !goes_on ? 1 : 0;
}

// A message or a redirect must not lead into the machine's own network.
curl_socket_t Transfer::open_socket(void* self, curlsocktype, struct curl_sockaddr* address) {
    if (static_cast<Transfer*>(self)->public_only_ && is_private(&address->addr)) {
        errno = EACCES;
        return CURL_SOCKET_BAD;
    }
    return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

TransportOutcome Transfer::outcome(CURLcode code) const {
    TransportOutcome result;
    result.message = redacted(error_[0] != '\0' ? error_ : curl_easy_strerror(code));
    const auto fail = [&result](TransportFailure failure) { result.failure = failure; };
    if (code == CURLE_OK) return result;
    if (cancel_signal() != 0 && !request_.even_if_cancelled) {
        fail(TransportFailure::cancelled);
    } else if (stopped_) {
        fail(TransportFailure::stopped);
    } else {
        switch (code) {
            case CURLE_COULDNT_RESOLVE_PROXY:
            case CURLE_COULDNT_RESOLVE_HOST:
            case CURLE_COULDNT_CONNECT:
                fail(TransportFailure::unreachable);
                result.sent = false;
                break;
            case CURLE_UNSUPPORTED_PROTOCOL:
            case CURLE_URL_MALFORMAT:
            case CURLE_PEER_FAILED_VERIFICATION:
            case CURLE_SSL_CACERT_BADFILE:
            case CURLE_SSL_ISSUER_ERROR:
            case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
            case CURLE_OUT_OF_MEMORY:
            case CURLE_BAD_FUNCTION_ARGUMENT:
                fail(TransportFailure::lasting);
                result.sent = false;
                break;
            default:
                fail(TransportFailure::passing);
        }
    }
    return result;
}

}  // namespace hls::net
