// SPDX-License-Identifier: Apache-2.0
// hls-fetch get: granules to a folder, whole and verified.
#include <fmt/format.h>

#include <iostream>

#include "cli/choice.hpp"
#include "cli/version.hpp"
#include "core/error.hpp"
#include "core/escape.hpp"
#include "core/log.hpp"
#include "fetch/get_all.hpp"
#include "fetch/get_objects.hpp"
#include "hls-fetch.hpp"

namespace hls::tool {
namespace {

struct Options {
    std::vector<std::string> what;
    std::string folder = ".";
    MessageOptions messages;
    NetworkOptions network;
    fetch::GetOptions get;
    int jobs = 4;
    double min_free_gb = 2;
    bool plain = false;
};

fetch::GetOptions get_options(const Options& options) {
    fetch::GetOptions get = options.get;
    get.folder = options.folder;
    get.preset = options.messages.preset;
    get.allowed_buckets = options.messages.rules().allowed_buckets;
    get.download.jobs = options.jobs;
    get.download.min_free_bytes = static_cast<std::int64_t>(options.min_free_gb * 1e9);
    return get;
}

void run_plain(const Options& options, cli::Context& context) {
    options.network.apply();
    net::HttpClient client("hls-fetch/" + cli::version());
    net::S3Client s3(client);
    for (const auto& uri : options.what) {
        const auto got =
            fetch::get_objects(client, s3, net::parse_s3_uri(uri), get_options(options));
        context.print(fmt::format(
            R"({{"kind":"objects","uri":"{}","local":"{}","files":{},"bytes":{},"action":"{}"}})",
            json_escape(uri), json_escape(got.local.string()), got.files, got.bytes, got.action));
    }
}

void run(const Options& options, cli::Context& context) {
    options.network.apply();
    for (const auto& word : options.what)
        if (word.empty()) throw Error{Exit::usage, "an empty WHAT", "is a variable not set?"};
    net::HttpClient client("hls-fetch/" + cli::version());
    fetch::Getter getter(client, get_options(options));
    const Exit worst =
        fetch::get_all(getter, {options.what, options.messages.rules(), options.jobs}, std::cin,
                       [&](const std::string& line, const std::string& problem) {
                           context.print(line);
                           if (!problem.empty()) log_warning("{}", problem);
                       });
    if (worst != Exit::ok)
        throw Error{worst, "not every granule is here",
                    "each line on stdout says what became of one"};
}

}  // namespace

void add_get(cli::Program& program) {
    CLI::App& command = program.add_command(
        "get", "Granules by id, record or message to a folder, whole and verified");
    const auto options = std::make_shared<Options>();
    program.require(command, command.add_option("WHAT", options->what,
                                                "Ids or records; - reads them from stdin"));
    command.add_option("-d,--dir", options->folder, "Folder they go to")->capture_default_str();
    command.add_option("-j,--jobs", options->jobs, "Granules at the same time")
        ->check(CLI::Range(1, 64))
        ->capture_default_str();
    cli::add_choice(command, "--source", options->get.source, "Where to fetch from",
                    {{"auto", fetch::GetSource::automatic},
                     {"cdse", fetch::GetSource::cdse},
                     {"eodata", fetch::GetSource::eodata},
                     {"aws", fetch::GetSource::aws},
                     {"usgs", fetch::GetSource::usgs}});
    cli::add_choice(command, "--if-exists", options->get.download.if_present,
                    "What to do with files there",
                    {{"verify", net::IfPresent::verify},
                     {"skip", net::IfPresent::skip},
                     {"replace", net::IfPresent::replace},
                     {"fail", net::IfPresent::fail}});
    cli::add_choice(command, "--successor", options->get.successor,
                    "For a product that is gone: what takes its place",
                    {{"T1", fetch::Successor::forward},
                     {"none", fetch::Successor::none},
                     {"historic", fetch::Successor::historic}});
    command.add_flag("--unpack", options->get.unpack, "Make the .SAFE folder of a zip");
    command.add_option("--min-free", options->min_free_gb, "GB to leave free on the disk")
        ->check(CLI::Range(0.0, 1e6))
        ->capture_default_str();
    command.add_flag("--plain", options->plain,
                     "WHAT are s3:// objects or prefixes; take them as they are");
    add_message_options(command, options->messages);
    add_network_options(command, options->network);
    program.on_run(command, [options](cli::Context& context) {
        options->plain ? run_plain(*options, context) : run(*options, context);
    });
}

}  // namespace hls::tool
