// SPDX-License-Identifier: Apache-2.0
// Bearer tokens: one file per account that all processes of a machine share, renewed under a lock.
#pragma once

#include <filesystem>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "net/http_client.hpp"

namespace hls::net {

struct OAuthAccount {
    std::string name;            // file <state folder>/<name>.json
    std::string token_endpoint;  // name in the endpoint table
    std::string token_path;
    std::string client_id;
    std::string client_secret;  // not empty: client credentials grant
    std::string user, password, totp;
};

// The account of the Copernicus Data Space: CDSE_USER and CDSE_PASSWORD (or CDSE_PASSWORD_FILE), or
// CDSE_CLIENT_ID and CDSE_CLIENT_SECRET. Throws Error{permission} with what to set.
OAuthAccount cdse_account();

// Sends a bearer token to the given hosts and to no other.
class OAuthAuthorizer : public Authorizer {
 public:
    OAuthAuthorizer(HttpClient& client, OAuthAccount account, std::vector<std::string> hosts);

    void authorize(Request& request) override;
    bool renew(const Response& refusal) override;

    // A token that is good for two minutes more. A refresh costs nothing, a password grant a
    // session: it happens only when the refresh is refused, and once a minute on a machine.
    std::string token();
    std::optional<UtcTime> expires();

 private:
    Response ask(Query form);
    Response ask_with_password();
    std::string token_other_than(const std::string& refused);
    std::string keep(const std::string& body);

    HttpClient& client_;
    OAuthAccount account_;
    std::vector<std::string> hosts_;
    std::mutex mutex_;
    std::string used_;
};

// Earthdata Login: EARTHDATA_TOKEN or LAADS_TOKEN, else the token file, else a token asked for with
// the login of ~/.netrc ($NETRC). The token goes to `hosts`, the login to the login host alone.
class EarthdataAuthorizer : public Authorizer {
 public:
    EarthdataAuthorizer(HttpClient& client, std::vector<std::string> hosts);

    void authorize(Request& request) override;
    bool renew(const Response& refusal) override;
    std::string token();
    // "environment", "token file", "netrc": where the token would come from. Throws
    // Error{permission}.
    std::string source();

 private:
    HttpClient& client_;
    std::vector<std::string> hosts_;
    std::mutex mutex_;
    std::string token_;
    bool renewed_ = false;
};

struct NetrcLogin {
    std::string user, password;
};
// The login of `machine`. Throws Error{permission} for a file that others can read.
std::optional<NetrcLogin> netrc_login(const std::string& machine);

// Content of a file that holds a secret, trimmed. Throws Error{permission} if others can read it.
std::string read_secret_file(const std::filesystem::path& path);

}  // namespace hls::net
