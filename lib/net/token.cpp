// SPDX-License-Identifier: Apache-2.0
#include "net/token.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "core/error.hpp"
#include "core/log.hpp"
#include "fs/file_lock.hpp"
#include "net/endpoints.hpp"
#include "net/host_gate.hpp"
#include "net/redact.hpp"

namespace hls::net {
namespace {

using Json = nlohmann::json;

constexpr std::chrono::seconds kFreshFor{120};
constexpr std::chrono::seconds kBetweenPasswords{60};

std::string environment(const char* name) {
    const char* value = std::getenv(name);
    return value != nullptr ? value : "";
}

std::string secret_of(const char* name) {
    if (auto value = environment(name); !value.empty()) return value;
    const auto file = environment((std::string(name) + "_FILE").c_str());
    return file.empty() ? std::string{} : read_secret_file(file);
}

std::filesystem::path token_file(const std::string& name) {
    return state_dir() / (name + ".json");
}

Json load_token(const std::string& name) {
    if (!std::filesystem::exists(token_file(name))) return Json::object();
    Json json = Json::parse(read_secret_file(token_file(name)), nullptr, false);
    return json.is_object() ? json : Json::object();
}

// Only its owner may ever read it, so it is made with that mode.
void save_token(const std::string& name, const Json& json) {
    const auto path = token_file(name);
    const std::string temporary = path.string() + ".tmp";
    const int descriptor =
        ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    const std::string text = json.dump();
    const bool written = descriptor >= 0 && ::write(descriptor, text.data(), text.size()) ==
                                                static_cast<ssize_t>(text.size());
    if (descriptor >= 0) ::close(descriptor);
    if (!written || ::rename(temporary.c_str(), path.c_str()) != 0)
        throw Error{Exit::cannot_create, path.string() + ": cannot be written",
                    "HLS_STATE_DIR names the folder for tokens"};
}

std::int64_t seconds_now() {
    return std::chrono::duration_cast<std::chrono::seconds>(utc_now().time_since_epoch()).count();
}

std::string text_of(const Json& json, const char* name) {
    const auto it = json.find(name);
    return it != json.end() && it->is_string() ? it->get<std::string>() : std::string{};
}

std::int64_t number_of(const Json& json, const char* name, std::int64_t fallback) {
    const auto it = json.find(name);
    return it != json.end() && it->is_number() ? it->get<std::int64_t>() : fallback;
}

bool sent_to(const std::vector<std::string>& hosts, const Url& url) {
    return std::find(hosts.begin(), hosts.end(), authority(url)) != hosts.end();
}

}  // namespace

OAuthAccount cdse_account() {
    OAuthAccount account;
    account.name = "cdse";
    account.token_endpoint = "cdse-identity";
    account.token_path = "/auth/realms/CDSE/protocol/openid-connect/token";
    account.client_id = environment("CDSE_CLIENT_ID");
    account.client_secret = secret_of("CDSE_CLIENT_SECRET");
    if (account.client_id.empty()) account.client_id = "cdse-public";
    account.user = environment("CDSE_USER");
    account.password = secret_of("CDSE_PASSWORD");
    account.totp = environment("CDSE_TOTP");
    if (account.client_secret.empty() && (account.user.empty() || account.password.empty()) &&
        !std::filesystem::exists(token_file(account.name)))
        throw Error{Exit::permission, "no login for the Copernicus Data Space",
                    "set CDSE_USER and CDSE_PASSWORD or CDSE_PASSWORD_FILE"};
    return account;
}

OAuthAuthorizer::OAuthAuthorizer(HttpClient& client, OAuthAccount account,
                                 std::vector<std::string> hosts)
    : client_(client), account_(std::move(account)), hosts_(std::move(hosts)) {}

void OAuthAuthorizer::authorize(Request& request) {
    if (sent_to(hosts_, request.url))
        set_header(request.headers, "Authorization", "Bearer " + token());
}

bool OAuthAuthorizer::renew(const Response&) {
    const std::lock_guard lock(mutex_);
    used_ = token_other_than(used_);
    return true;
}

std::string OAuthAuthorizer::token() {
    const std::lock_guard lock(mutex_);
    return used_ = token_other_than({});
}

std::optional<UtcTime> OAuthAuthorizer::expires() {
    const Json json = load_token(account_.name);
    const auto at = number_of(json, "expires_at", 0);
    if (at == 0) return std::nullopt;
    return UtcTime{std::chrono::seconds(at)};
}

Response OAuthAuthorizer::ask(Query form) {
    form.emplace_back("client_id", account_.client_id);
    if (!account_.client_secret.empty()) form.emplace_back("client_secret", account_.client_secret);
    Request request;
    request.method = "POST";
    request.url = below(endpoint(account_.token_endpoint), account_.token_path);
    request.headers = {{"Content-Type", "application/x-www-form-urlencoded"}};
    request.body = encode_query(form);
    request.max_reply_bytes = 65536;
    const GateBypass bypass;
    return client_.send(request);
}

// The moment is noted before asking, so that a crash cannot make it happen twice a minute.
Response OAuthAuthorizer::ask_with_password() {
    if (account_.user.empty() || account_.password.empty())
        throw Error{Exit::permission, account_.name + ": the token has expired",
                    "set CDSE_USER and CDSE_PASSWORD or CDSE_PASSWORD_FILE"};
    Json json = load_token(account_.name);
    if (seconds_now() - number_of(json, "password_at", 0) < kBetweenPasswords.count())
        throw Error{Exit::temporary,
                    account_.name + ": a session was asked for less than a minute ago",
                    "every session counts against the account; try again in a minute"};
    json["password_at"] = seconds_now();
    save_token(account_.name, json);
    Query form{
        {"grant_type", "password"}, {"username", account_.user}, {"password", account_.password}};
    if (!account_.totp.empty()) form.emplace_back("totp", account_.totp);
    Response response = ask(std::move(form));
    if (response.status == 401 && json.contains("refresh_token"))
        throw Error{Exit::temporary, account_.name + ": the account refuses one more session",
                    "this login worked before; wait ten minutes"};
    return response;
}

std::string OAuthAuthorizer::token_other_than(const std::string& refused) {
    forbid_core_dumps();
    const fs::FileLock lock(state_dir() / (account_.name + ".lock"));
    const Json json = load_token(account_.name);
    const std::string cached = text_of(json, "access_token");
    // A server whose tokens live shorter than the margin is taken at its word.
    const auto margin =
        number_of(json, "lifetime", 600) > 2 * kFreshFor.count() ? kFreshFor.count() : 0;
    const bool fresh = number_of(json, "expires_at", 0) > seconds_now() + margin;
    if (fresh && !cached.empty() && cached != refused) return cached;

    Response response;
    if (!account_.client_secret.empty()) {
        response = ask({{"grant_type", "client_credentials"}});
    } else {
        const std::string refresh = text_of(json, "refresh_token");
        if (!refresh.empty() && number_of(json, "refresh_expires_at", 0) > seconds_now())
            response = ask({{"grant_type", "refresh_token"}, {"refresh_token", refresh}});
        if (!response.ok()) response = ask_with_password();
    }
    if (!response.ok()) {
        Error error = refusal(response, account_.name + " token");
        if (error.code == Exit::bad_input) error.code = Exit::permission;
        throw error;
    }
    return keep(response.body);
}

// Into the token file, for all processes.
std::string OAuthAuthorizer::keep(const std::string& body) {
    const Json answer = Json::parse(body, nullptr, false);
    const std::string token = answer.is_object() ? text_of(answer, "access_token") : "";
    if (token.empty())
        throw Error{Exit::bad_input, account_.name + ": the token server's answer holds no token"};
    const auto lifetime = number_of(answer, "expires_in", 600);
    Json json = load_token(account_.name);
    json["access_token"] = token;
    json["lifetime"] = lifetime;
    json["expires_at"] = seconds_now() + lifetime;
    json["refresh_token"] = text_of(answer, "refresh_token");
    json["refresh_expires_at"] = seconds_now() + number_of(answer, "refresh_expires_in", 0);
    save_token(account_.name, json);
    log_info("{}: new token for {} s", account_.name, lifetime);
    return token;
}

EarthdataAuthorizer::EarthdataAuthorizer(HttpClient& client, std::vector<std::string> hosts)
    : client_(client), hosts_(std::move(hosts)) {}

std::string EarthdataAuthorizer::source() {
    if (!secret_of("EARTHDATA_TOKEN").empty() || !secret_of("LAADS_TOKEN").empty())
        return "environment";
    const Json json = load_token("edl");
    if (!text_of(json, "access_token").empty()) return "token file";
    if (netrc_login(endpoint("edl").host)) return "netrc";
    throw Error{Exit::permission, "no Earthdata token or login",
                "set EARTHDATA_TOKEN, or put urs.earthdata.nasa.gov into ~/.netrc"};
}

std::string EarthdataAuthorizer::token() {
    const std::lock_guard lock(mutex_);
    if (!token_.empty()) return token_;
    forbid_core_dumps();
    for (const char* name : {"EARTHDATA_TOKEN", "LAADS_TOKEN"})
        if (token_ = secret_of(name); !token_.empty()) return token_;
    const fs::FileLock lock_file(state_dir() / "edl.lock");
    Json json = load_token("edl");
    if (!renewed_)
        if (token_ = text_of(json, "access_token"); !token_.empty()) return token_;
    const auto login = netrc_login(endpoint("edl").host);
    if (!login) {
        source();  // says what to do
        throw Error{Exit::permission, "the Earthdata token is refused", "renew EARTHDATA_TOKEN"};
    }

    class Basic : public Authorizer {
     public:
        Basic(NetrcLogin login, Url home) : login_(std::move(login)), home_(std::move(home)) {}
        void authorize(Request& request) override {
            if (!same_origin(request.url, home_)) return;
            const std::string pair = login_.user + ':' + login_.password;
            set_header(request.headers, "Authorization", "Basic " + base64(pair));
        }
        bool renew(const Response&) override { return false; }

     private:
        NetrcLogin login_;
        Url home_;
    } basic(*login, endpoint("edl"));
    Request request;
    request.method = "POST";
    request.url = below(endpoint("edl"), "/api/users/find_or_create_token");
    request.max_reply_bytes = 65536;
    const GateBypass bypass;
    const Response response = client_.send(request, &basic);
    if (!response.ok()) throw refusal(response, "Earthdata Login");
    const Json answer = Json::parse(response.body, nullptr, false);
    token_ = answer.is_object() ? text_of(answer, "access_token") : "";
    if (token_.empty()) throw Error{Exit::bad_input, "Earthdata Login: the answer holds no token"};
    json["access_token"] = token_;
    save_token("edl", json);
    return token_;
}

void EarthdataAuthorizer::authorize(Request& request) {
    if (sent_to(hosts_, request.url))
        set_header(request.headers, "Authorization", "Bearer " + token());
}

// A token from the login can be asked for again, one that was given cannot.
bool EarthdataAuthorizer::renew(const Response&) {
    {
        const std::lock_guard lock(mutex_);
        if (renewed_ || !secret_of("EARTHDATA_TOKEN").empty() ||
            !secret_of("LAADS_TOKEN").empty() || !netrc_login(endpoint("edl").host))
            return false;
        renewed_ = true;
        token_.clear();
    }
    token();
    return true;
}

}  // namespace hls::net
