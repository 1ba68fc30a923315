// SPDX-License-Identifier: Apache-2.0
// The one table of the services the kit talks to, and of how hard it may lean on each.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "net/host_gate.hpp"
#include "net/url.hpp"

namespace hls::net {

struct Endpoint {
    std::string name;  // "cdse-catalogue"
    std::string url;   // base, without trailing '/'; {region} stands for the AWS region
    HostLimits limits;
    std::string purpose;
    bool overridden = false;
};

// All endpoints with the overrides of the file that HLS_ENDPOINTS names, of load_endpoint_file()
// and of HLS_ENDPOINT_<NAME> (upper case, '_' for '-'), the later ones winning. An address of the
// user's may be http, and may be private.
std::vector<Endpoint> endpoints();

// JSON object {"<name>": "<url>", ...}; what it does not name stays. Throws Error{missing_input,
// usage}.
void load_endpoint_file(const std::filesystem::path& path);

// Base address of a service, e.g. endpoint("batch", "us-west-2"). Throws Error{internal} for a name
// that is not in the table, Error{usage} for an override that is no address.
Url endpoint(std::string_view name, std::string_view region = {});
bool endpoint_overridden(std::string_view name);

// The limits of the endpoint that owns the host; those of a stranger otherwise.
HostLimits limits_of(const Url& url);

// Plain http is for loopback, for the credential services of cloud machines, and for addresses the
// user gave. Throws Error{usage} for any other.
void require_safe(const Url& url);
// Where a machine or a container is given its credentials.
bool is_machine_service(const Url& url) noexcept;
// The user named this address (in the table or by trust_origin), so it may be a private one.
bool is_trusted_origin(const Url& url);
void trust_origin(const Url& url);

// ${HLS_STATE_DIR:-${XDG_STATE_HOME:-~/.local/state}/hls}: tokens and shared slots.
std::filesystem::path state_dir();

}  // namespace hls::net
