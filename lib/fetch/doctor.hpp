// SPDX-License-Identifier: Apache-2.0
// What stands between this machine and the agencies: settings, clock, servers, credentials, disk.
#pragma once

#include <filesystem>
#include <functional>
#include <set>
#include <string>

#include "core/error.hpp"

namespace hls::fetch {

// "cdse": Sentinel-2; "usgs": Landsat; "aws": Sentinel-2 of AWS; "laads": MODIS and VIIRS;
// "jobs": queues and AWS Batch.
std::set<std::string> doctor_services();

struct DoctorOptions {
    std::set<std::string> services;     // empty: all
    std::filesystem::path folder{"."};  // where downloads go
    double min_free_gb = 2;
    bool log_in = false;  // also ask for tokens: a session of the account
};

struct Finding {
    std::string check;   // settings, clock, server, credentials, disk
    std::string target;  // "cdse-catalogue", "AWS environment", "/data"
    Exit exit = Exit::ok;
    std::string message, hint;  // never a secret
};
std::string to_json(const Finding& finding);
std::string to_line(const Finding& finding);

// Reports each check when it is done; the worst exit in the order 2, 77, 74, 69, 75.
Exit examine(const DoctorOptions& options, const std::function<void(const Finding&)>& report);

}  // namespace hls::fetch
