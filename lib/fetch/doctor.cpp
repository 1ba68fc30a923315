// SPDX-License-Identifier: Apache-2.0
#include "fetch/doctor.hpp"

#include <fmt/format.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "core/cancel.hpp"
#include "core/time.hpp"
#include "fetch/sources.hpp"
#include "fetch/worst_exit.hpp"
#include "net/credentials.hpp"
#include "net/endpoints.hpp"
#include "net/retry.hpp"
#include "net/token.hpp"

namespace hls::fetch {
namespace {

using Report = std::function<void(const Finding&)>;

// S3 refuses signatures that are a quarter of an hour off; tokens and windows of search suffer
// before.
constexpr double kRefusedSkewS = 900;
constexpr double kBadSkewS = 60;

struct Service {
    std::string_view name;
    std::string_view endpoint;
    std::string_view region;
};
constexpr std::array kServices{Service{"cdse", "cdse-catalogue", ""},
                               Service{"cdse", "cdse-identity", ""},
                               Service{"cdse", "cdse-download", ""},
                               Service{"cdse", "cdse-s3", ""},
                               Service{"usgs", "landsatlook", ""},
                               Service{"usgs", "s3", "us-west-2"},
                               Service{"aws", "earth-search", ""},
                               Service{"aws", "s3", "eu-central-1"},
                               Service{"laads", "laads", ""},
                               Service{"laads", "edl", ""},
                               Service{"jobs", "sqs", ""},
                               Service{"jobs", "batch", ""},
                               Service{"jobs", "sts", ""}};

class Examination {
 public:
    Examination(const DoctorOptions& options, const Report& report)
        : options_(options), report_(report), client_(quick_client()) {}

    Exit run() {
        settings();
        for (const auto& service : kServices)
            if (wanted(service.name)) server(service);
        if (wanted("usgs") || wanted("aws") || wanted("jobs")) aws();
        if (wanted("cdse")) cdse();
        if (wanted("laads")) earthdata();
        disk("downloads", options_.folder, options_.min_free_gb);
        guarded("disk", "tokens and slots",
                [&] { disk("tokens and slots", net::state_dir(), 0.01); });
        return worst_;
    }

 private:
    // One try, and no patience: the question is what is wrong now.
    static net::HttpClient quick_client() {
        auto transport = net::transport_options_from_environment("hls-fetch-doctor");
        transport.connect_timeout = std::min(transport.connect_timeout, net::Seconds{10});
        transport.stall_timeout = std::min(transport.stall_timeout, net::Seconds{15});
        net::RetryPolicy policy = net::retry_policy_from_environment();
        policy.attempts = 1;
        return net::HttpClient(transport, policy);
    }

    bool wanted(std::string_view service) const {
        return options_.services.empty() || options_.services.contains(std::string(service));
    }

    void tell(const Finding& finding) {
        worst_ = worse(worst_, finding.exit);
        report_(finding);
    }

    // What throws becomes a finding.
    template <typename Body>
    void guarded(const char* check, const std::string& target, Body body) {
        try {
            body();
        } catch (const Error& error) {
            throw_if_cancelled();
            tell({check, target, error.code, error.message, error.hint});
        }
    }

    void settings() {
        int overridden = 0;
        bool readable = true;
        guarded("settings", "endpoints", [&] {
            readable = false;
            for (const auto& row : net::endpoints()) {
                overridden += row.overridden ? 1 : 0;
                net::endpoint(row.name, "us-west-2");
            }
            readable = true;
        });
        if (readable)
            tell({"settings", "endpoints", Exit::ok,
                  overridden == 0 ? "all as built in" : fmt::format("{} of your own", overridden),
                  ""});
        for (const char* name : {"HLS_CA_FILE", "SSL_CERT_FILE"}) {
            const char* path = std::getenv(name);
            if (path == nullptr || *path == '\0') continue;
            const bool there = ::access(path, R_OK) == 0;
            tell({"settings", name, there ? Exit::ok : Exit::usage,
                  there ? "readable" : "the file cannot be read",
                  there ? "" : "name a file of certificates in PEM form"});
        }
    }

    void server(const Service& service) {
        const std::string region = service.region.empty() && service.endpoint != "s3"
                                       ? net::default_region()
                                       : std::string(service.region);
        std::string target(service.endpoint);
        if (service.endpoint == "s3") target += " " + region;
        guarded("server", target, [&] {
            net::Request request;
            request.url = net::endpoint(service.endpoint, region);
            request.max_reply_bytes = 4 << 20;
            const auto began = std::chrono::steady_clock::now();
            const auto before = utc_now();
            int status = 0;
            std::string date;
            try {
                const auto response = client_.send(request);
                status = response.status;
                date = response.header("Date");
            } catch (const Error& error) {
                // It answers, if only that it is busy.
                if (error.message.find("the server answers") == std::string::npos) throw;
                throw Error{error.code, error.message, "the server is there but unwell; try later"};
            }
            const double seconds =
                std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
            tell({"server", target, Exit::ok,
                  fmt::format("{} answers {} in {:.2f} s", net::authority(request.url), status,
                              seconds),
                  ""});
            if (const auto told = net::parse_http_date(date)) clock(target, *told, before);
        });
    }

    // The header has whole seconds, and was written between asking and now.
    void clock(const std::string& target, UtcTime told, UtcTime before) {
        using SecondsOf = std::chrono::duration<double>;
        const double late = SecondsOf(before - told).count() - 1;  // we are ahead by at least
        const double early = SecondsOf(told - utc_now()).count();  // we are behind by at least
        const double skew = std::max({late, early, 0.0});
        if (skew <= 2 && clock_told_) return;
        clock_told_ = true;
        const char* way = late > early ? "ahead" : "behind";
        const Exit exit = skew > kRefusedSkewS ? Exit::permission : Exit::ok;
        tell({"clock", target, exit,
              skew <= 2 ? "agrees with the server"
                        : fmt::format("this machine is {:.0f} s {} of {}", skew, way, target),
              skew > kBadSkewS ? "set the clock: signatures more than 15 minutes off are refused"
                               : ""});
    }

    void aws() {
        const auto places = net::look_for_credentials(client_);
        for (const auto& place : places) {
            const bool bad = !place.problem.empty();
            tell({"credentials", "AWS " + place.name, place.exit,
                  bad             ? place.problem
                  : place.present ? "there, and used"
                                  : "none here",
                  bad ? "the places after it are not asked" : ""});
        }
        if (!places.back().present)
            tell({"credentials", "AWS", Exit::permission,
                  "none in environment, profile, container or instance",
                  "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE"});
    }

    void cdse() {
        guarded("credentials", "Copernicus login", [&] {
            const auto account = net::cdse_account();
            const std::string how = !account.client_secret.empty() ? "client of its own"
                                    : !account.password.empty()    ? "user and password"
                                                                   : "token file";
            if (!options_.log_in)
                return tell({"credentials", "Copernicus login", Exit::ok,
                             how + ", not tried (--login)", ""});
            net::OAuthAuthorizer login(client_, account, {});
            login.token();
            tell({"credentials", "Copernicus login", Exit::ok, how + ", accepted", ""});
        });
        guarded("credentials", "Copernicus S3", [&] {
            const auto options = eodata_options();
            const bool keys = !options.credentials.keys.access_key.empty();
            tell({"credentials", "Copernicus S3", Exit::ok,
                  keys ? "CDSE_S3_ACCESS_KEY" : "not set; AWS profile cdse would be used",
                  keys ? "" : "only --source eodata needs it"});
        });
    }

    void earthdata() {
        guarded("credentials", "Earthdata login", [&] {
            net::EarthdataAuthorizer login(client_, {});
            std::string message = login.source();
            if (options_.log_in) {
                login.token();
                message += ", token at hand";
            }
            tell({"credentials", "Earthdata login", Exit::ok, message, ""});
        });
    }

    void disk(const char* what, const std::filesystem::path& path, double needed_gb) {
        auto folder = std::filesystem::absolute(path);
        while (!folder.empty() && !std::filesystem::exists(folder) && folder.has_relative_path())
            folder = folder.parent_path();
        struct statvfs info {};
        if (::statvfs(folder.c_str(), &info) != 0 || ::access(folder.c_str(), W_OK) != 0)
            return tell({"disk", path.string(), Exit::io_error,
                         fmt::format("{}: cannot write to {}", what, folder.string()),
                         "choose another folder or change its owner"});
        const double free_gb =
            static_cast<double>(info.f_bavail) * static_cast<double>(info.f_frsize) / 1e9;
        const bool enough = free_gb >= needed_gb;
        tell(
            {"disk", path.string(), enough ? Exit::ok : Exit::io_error,
             fmt::format("{}: {:.1f} GB free", what, free_gb),
             enough ? "" : fmt::format("at least {:.2f} GB must stay free: make room", needed_gb)});
    }

    const DoctorOptions& options_;
    const Report& report_;
    net::HttpClient client_;
    Exit worst_ = Exit::ok;
    bool clock_told_ = false;
};

}  // namespace

std::set<std::string> doctor_services() {
    std::set<std::string> names;
    for (const auto& service : kServices) names.emplace(service.name);
    return names;
}

std::string to_json(const Finding& finding) {
    nlohmann::ordered_json json{{"check", finding.check},
                                {"target", finding.target},
                                {"ok", finding.exit == Exit::ok},
                                {"exit", static_cast<int>(finding.exit)},
                                {"message", finding.message}};
    if (!finding.hint.empty()) json["hint"] = finding.hint;
    return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string to_line(const Finding& finding) {
    const std::string mark =
        finding.exit == Exit::ok ? "ok" : std::to_string(static_cast<int>(finding.exit));
    std::string line =
        fmt::format("{:<3} {:<12} {:<18} {}", mark, finding.check, finding.target, finding.message);
    if (!finding.hint.empty()) line += " (" + finding.hint + ')';
    return line;
}

Exit examine(const DoctorOptions& options, const std::function<void(const Finding&)>& report) {
    return Examination(options, report).run();
}

}  // namespace hls::fetch
