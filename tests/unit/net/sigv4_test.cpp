// SPDX-License-Identifier: Apache-2.0
#include "net/sigv4.hpp"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <thread>

#include "core/parse.hpp"

namespace hls::net {
namespace {

using Json = nlohmann::json;

std::string from_hex(const std::string& hex) {
    std::string bytes;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
        bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
    return bytes;
}

std::vector<Json> botocore_requests(int count) {
    const std::string command = "/usr/bin/python3 " HLS_SOURCE_DIR
                                "/tests/unit/net/botocore_signatures.py " +
                                std::to_string(count) + " 7";
    std::FILE* pipe = ::popen(command.c_str(), "r");
    std::string text;
    char buffer[65536];
    for (std::size_t got; (got = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;)
        text.append(buffer, got);
    EXPECT_EQ(::pclose(pipe), 0) << "is python3-botocore installed?";
    std::vector<Json> requests;
    for (const auto line : split(text, '\n'))
        if (!line.empty()) requests.push_back(Json::parse(line));
    return requests;
}

Request request_of(const Json& json) {
    Request request;
    request.method = json["method"];
    request.url = parse_url(json["url"].get<std::string>());
    for (const auto& [name, value] : json["headers"].items())
        request.headers.emplace_back(name, value.get<std::string>());
    request.body = from_hex(json["body"]);
    return request;
}

Credentials credentials_of(const Json& json) {
    return {json["access"], json["secret"], json["token"], {}, "test"};
}

TEST(SigV4, PublishedLifecycleExample) {
    Request request;
    request.url = parse_url("https://examplebucket.s3.amazonaws.com/?lifecycle");
    sign(request, {"AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "", {}, ""},
         {"us-east-1", "s3"}, parse_utc("2013-05-24T00:00:00Z"));
    EXPECT_EQ(
        find_header(request.headers, "Authorization"),
        "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, "
        "SignedHeaders=host;x-amz-content-sha256;x-amz-date, "
        "Signature=fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543");
}

TEST(SigV4, EqualsBotocoreOnRandomRequests) {
    const auto requests = botocore_requests(200);
    ASSERT_EQ(requests.size(), 200u);
    for (const Json& json : requests) {
        Request request = request_of(json);
        const SigningScope scope{json["region"], json["service"]};
        sign(request, credentials_of(json), scope, parse_utc(json["time"].get<std::string>()));
        EXPECT_EQ(find_header(request.headers, "Authorization"),
                  json["authorization"].get<std::string>())
            << json.dump(1) << '\n'
            << canonical_request(request, scope);
    }
}

// Answers every request with an empty 200 and keeps what it was asked.
class Listener {
 public:
    Listener() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        ::bind(socket_, reinterpret_cast<sockaddr*>(&address), size);
        ::listen(socket_, 16);
        ::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size);
        port_ = ntohs(address.sin_port);
    }
    ~Listener() { ::close(socket_); }

    int port() const { return port_; }
    // One connection, one request; returns its head.
    std::string serve() const {
        const int peer = ::accept(socket_, nullptr, nullptr);
        std::string text;
        char buffer[4096];
        while (text.find("\r\n\r\n") == std::string::npos) {
            const auto got = ::read(peer, buffer, sizeof buffer);
            if (got <= 0) break;
            text.append(buffer, static_cast<std::size_t>(got));
        }
        const std::string answer =
            "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        EXPECT_EQ(::write(peer, answer.data(), answer.size()), static_cast<ssize_t>(answer.size()));
        ::shutdown(peer, SHUT_WR);
        while (::read(peer, buffer, sizeof buffer) > 0) {
        }
        ::close(peer);
        return text;
    }

 private:
    int socket_;
    int port_ = 0;
};

std::string header_in(const std::string& head, const std::string& name) {
    for (const auto line : split(head, '\n')) {
        const auto colon = line.find(':');
        if (colon == std::string_view::npos) continue;
        Headers one{
            {std::string(line.substr(0, colon)), std::string(trim(line.substr(colon + 1)))}};
        if (!find_header(one, name).empty()) return one[0].second;
    }
    return {};
}

// What libcurl's own signer makes of the request. It signs what it is given, so it is given the
// canonical form: sorted query, payload hash as header, nothing suppressed.
std::string curl_authorization(const Request& request, const Credentials& credentials,
                               const SigningScope& scope, const Listener& listener,
                               std::string& date) {
    std::string head;
    std::thread server([&] { head = listener.serve(); });
    CURL* curl = curl_easy_init();
    const std::string provider = "aws:amz:" + scope.region + ':' + scope.service;
    curl_easy_setopt(curl, CURLOPT_URL, to_string(request.url).c_str());
    curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(curl, CURLOPT_AWS_SIGV4, provider.c_str());
    curl_easy_setopt(curl, CURLOPT_USERNAME, credentials.access_key.c_str());
    curl_easy_setopt(curl, CURLOPT_PASSWORD, credentials.secret_key.c_str());
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request.method.c_str());
    if (request.method == "HEAD") curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
    if (!request.body.empty()) {
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, static_cast<long>(request.body.size()));
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request.body.data());
    }
    curl_slist* list = nullptr;
    for (const auto& [name, value] : request.headers)
        list = curl_slist_append(list, (name + ": " + value).c_str());
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, list);
    EXPECT_EQ(curl_easy_perform(curl), CURLE_OK);
    curl_slist_free_all(list);
    curl_easy_cleanup(curl);
    server.join();
    date = header_in(head, "x-amz-date");
    return header_in(head, "Authorization");
}

TEST(SigV4, EqualsCurlsSignerOnRandomRequests) {
    const Listener listener;
    int compared = 0;
    for (const Json& json : botocore_requests(200)) {
        Request request = request_of(json);
        const Credentials credentials = credentials_of(json);
        const SigningScope scope{json["region"], json["service"]};
        request.url.scheme = "http";
        request.url.host = "127.0.0.1";
        request.url.port = listener.port();
        Query query = decode_query(request.url.query);
        std::sort(query.begin(), query.end(), [](const auto& a, const auto& b) {
            return percent_encode(a.first) < percent_encode(b.first);
        });
        request.url.query = encode_query(query);
        Request ours = request;
        sign(ours, credentials, scope, parse_utc("2026-11-20T06:07:08Z"));
        for (const auto& [name, value] : ours.headers)
            if (name == "x-amz-content-sha256" || name == "x-amz-security-token")
                request.headers.emplace_back(name, value);
        std::string date;
        const std::string theirs = curl_authorization(request, credentials, scope, listener, date);
        ASSERT_EQ(date.size(), 16u);
        const auto time =
            parse_utc(date.substr(0, 4) + '-' + date.substr(4, 2) + '-' + date.substr(6, 5) + ':' +
                      date.substr(11, 2) + ':' + date.substr(13));
        Request again = request;
        sign(again, credentials, scope, time);
        EXPECT_EQ(find_header(again.headers, "Authorization"), theirs)
            << canonical_request(again, scope);
        ++compared;
    }
    EXPECT_EQ(compared, 200);
}

}  // namespace
}  // namespace hls::net
