// SPDX-License-Identifier: Apache-2.0
#include "net/endpoints.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <set>

#include "core/error.hpp"
#include "fs/read_text.hpp"

namespace hls::net {
namespace {

constexpr std::size_t kMaxTableBytes = 1 << 20;

// A server that the user named needs no care of ours.
HostLimits own_server() {
    HostLimits limits;
    limits.connections = 64;
    limits.requests_per_second = 1e5;
    return limits;
}

using Table = std::map<std::string, std::string, std::less<>>;
Table read_table(const std::filesystem::path& path);

struct Overrides {
    std::mutex mutex;
    Table urls;
    std::set<std::string> trusted;  // "http://127.0.0.1:8080"
};

Overrides& overrides() {
    static Overrides instance;
    static std::once_flag loaded;
    std::call_once(loaded, [] {
        const char* file = std::getenv("HLS_ENDPOINTS");
        if (file != nullptr && *file != '\0') instance.urls = read_table(file);
    });
    return instance;
}

struct Row {
    std::string_view name, url, purpose;
    int connections;
    double requests_per_second;
    std::string_view shared_slots;
    double after_break_s = 0;
};

// fetch.md 1.5: what each service allows, or what is polite where it says nothing.
// Requests for credentials go past these limits (GateBypass): locks let one at a time through.
constexpr Row kBuiltIn[] = {
    {"cdse-catalogue", "https://catalogue.dataspace.copernicus.eu", "Sentinel-2 catalogue (OData)",
     2, 2, ""},
    {"cdse-download", "https://download.dataspace.copernicus.eu", "Sentinel-2 products as zip", 4,
     2, "cdse", 10},
    {"cdse-identity", "https://identity.dataspace.copernicus.eu",
     "tokens of the Copernicus Data Space", 1, 0.5, ""},
    {"cdse-s3", "https://eodata.dataspace.copernicus.eu", "Sentinel-2 products as objects", 4, 20,
     "cdse"},
    {"landsatlook", "https://landsatlook.usgs.gov", "Landsat catalogue (STAC)", 2, 4, ""},
    {"earth-search", "https://earth-search.aws.element84.com",
     "Sentinel-2 catalogue of Element 84 (STAC)", 2, 4, ""},
    {"laads", "https://ladsweb.modaps.eosdis.nasa.gov", "MODIS and VIIRS ozone and water vapour", 2,
     2, ""},
    {"edl", "https://urs.earthdata.nasa.gov", "Earthdata Login", 1, 1, ""},
    {"s3", "https://s3.{region}.amazonaws.com", "object storage of AWS", 64, 1000, ""},
    {"batch", "https://batch.{region}.amazonaws.com", "AWS Batch", 4, 20, ""},
    {"sqs", "https://sqs.{region}.amazonaws.com", "AWS queues", 8, 100, ""},
    {"sts", "https://sts.{region}.amazonaws.com", "AWS roles", 1, 5, ""},
    {"imds", "http://169.254.169.254", "credentials of an EC2 instance", 1, 100, ""},
    {"ecs", "http://169.254.170.2", "credentials of a container", 1, 100, ""},
};

std::vector<Endpoint> built_in() {
    std::vector<Endpoint> rows;
    for (const Row& row : kBuiltIn) {
        Endpoint endpoint;
        endpoint.name = row.name;
        endpoint.url = row.url;
        endpoint.purpose = row.purpose;
        endpoint.limits.connections = row.connections;
        endpoint.limits.requests_per_second = row.requests_per_second;
        endpoint.limits.shared_slots = row.shared_slots;
        endpoint.limits.after_break = Seconds{row.after_break_s};
        rows.push_back(std::move(endpoint));
    }
    return rows;
}

std::string environment_name(std::string_view name) {
    std::string text = "HLS_ENDPOINT_";
    for (const char c : name)
        text += c == '-' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
    return text;
}

// Rate and rest are the agency's wish for its own server; another server has its own.
void override_with(Endpoint& row, std::string url) {
    row.url = std::move(url);
    row.limits.requests_per_second = own_server().requests_per_second;
    row.limits.after_break = own_server().after_break;
    row.overridden = true;
}

std::string replaced(std::string text, std::string_view region) {
    if (const auto at = text.find("{region}"); at != std::string::npos) text.replace(at, 8, region);
    return text;
}

std::string origin(const Url& url) {
    return url.scheme + "://" + authority(url);
}

bool owns(const Endpoint& row, const Url& url) {
    const auto at = row.url.find("{region}");
    if (at == std::string::npos) return same_origin(parse_url(row.url), url);
    const std::string prefix = row.url.substr(8, at - 8);  // after https://
    const std::string suffix = row.url.substr(at + 8);
    return url.host.ends_with(suffix) && url.host.find(prefix) != std::string::npos;
}

Table read_table(const std::filesystem::path& path) {
    const std::string text = fs::read_text(path, kMaxTableBytes);
    const auto table = nlohmann::json::parse(text, nullptr, false);
    const auto refuse = [&](const std::string& why) {
        throw Error{Exit::usage, fmt::format("{}: {}", path.string(), why),
                    "it must be a JSON object like {\"laads\": \"https://host\"}"};
    };
    if (!table.is_object()) refuse("not a JSON object");
    Table urls;
    for (const auto& [name, value] : table.items()) {
        const std::string wanted = name;
        const auto known = std::any_of(std::begin(kBuiltIn), std::end(kBuiltIn),
                                       [&](const Row& row) { return row.name == wanted; });
        if (!known) refuse("no endpoint is called '" + name + "'; hls(7) lists them");
        if (!value.is_string()) refuse("the address of " + name + " is no text");
        urls[name] = value.get<std::string>();
        try {
            parse_url(replaced(urls[name], "x"));
        } catch (const Error& error) {
            refuse(name + ": " + error.message);
        }
    }
    return urls;
}

Endpoint row_of(std::string_view name) {
    for (const Endpoint& row : endpoints())
        if (row.name == name) return row;
    throw Error{Exit::internal, fmt::format("no endpoint is called '{}'", name)};
}

}  // namespace

std::vector<Endpoint> endpoints() {
    std::vector<Endpoint> rows = built_in();
    const std::lock_guard lock(overrides().mutex);
    for (Endpoint& row : rows) {
        if (const auto it = overrides().urls.find(row.name); it != overrides().urls.end())
            override_with(row, it->second);
        const char* value = std::getenv(environment_name(row.name).c_str());
        if (value != nullptr && *value != '\0') override_with(row, value);
        while (row.url.ends_with('/')) row.url.pop_back();
    }
    return rows;
}

void load_endpoint_file(const std::filesystem::path& path) {
    Table urls = read_table(path);
    const std::lock_guard lock(overrides().mutex);
    for (auto& [name, url] : urls) overrides().urls.insert_or_assign(name, std::move(url));
}

Url endpoint(std::string_view name, std::string_view region) {
    const Endpoint row = row_of(name);
    try {
        return parse_url(replaced(row.url, region));
    } catch (const Error& error) {
        throw Error{Exit::usage, fmt::format("endpoint {}: {}", name, error.message), error.hint};
    }
}

bool endpoint_overridden(std::string_view name) {
    return row_of(name).overridden;
}

HostLimits limits_of(const Url& url) {
    for (const Endpoint& row : endpoints())
        if (owns(row, url)) return row.limits;
    return is_loopback(url.host) || is_trusted_origin(url) ? own_server() : HostLimits{};
}

bool is_trusted_origin(const Url& url) {
    for (const Endpoint& row : endpoints())
        if (row.overridden && same_origin(parse_url(replaced(row.url, "")), url)) return true;
    const std::lock_guard lock(overrides().mutex);
    return overrides().trusted.contains(origin(url));
}

void trust_origin(const Url& url) {
    const std::lock_guard lock(overrides().mutex);
    overrides().trusted.insert(origin(url));
}

bool is_machine_service(const Url& url) noexcept {
    return url.host == "169.254.169.254" || url.host == "169.254.170.2" ||
           url.host == "169.254.170.23";
}

void require_safe(const Url& url) {
    if (url.scheme == "https" || is_loopback(url.host)) return;
    if (is_machine_service(url) || is_trusted_origin(url)) return;
    throw Error{Exit::usage, origin(url) + ": plain http would show credentials to everybody",
                "use https, or name the address in HLS_ENDPOINT_<NAME>"};
}

std::filesystem::path state_dir() {
    if (const char* folder = std::getenv("HLS_STATE_DIR"); folder && *folder) return folder;
    if (const char* folder = std::getenv("XDG_STATE_HOME"); folder && *folder)
        return std::filesystem::path(folder) / "hls";
    if (const char* home = std::getenv("HOME"); home && *home)
        return std::filesystem::path(home) / ".local" / "state" / "hls";
    throw Error{Exit::usage, "cannot tell where to keep tokens", "set HLS_STATE_DIR"};
}

}  // namespace hls::net
