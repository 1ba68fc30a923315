// SPDX-License-Identifier: Apache-2.0
#include "cli/choice.hpp"
#include "cli/version.hpp"
#include "fetch/put.hpp"
#include "hls-fetch.hpp"

namespace hls::tool {
namespace {

struct Options {
    fetch::PutJob job;
    std::string folder, target, role;
    bool request_payer = false;
    bool dry_run = false;
    NetworkOptions network;
};

void run(Options& options, cli::Context& context) {
    options.network.apply();
    options.job.folder = options.folder;
    options.job.target = net::parse_s3_uri(options.target);
    if (options.dry_run) {
        for (const auto& name : fetch::upload_order(options.folder, options.job.manifest))
            context.print("write " + options.target + (options.target.ends_with('/') ? "" : "/") +
                          name);
        return;
    }
    auto& record = context.record();
    record.wanted = true;
    record.unit = options.target;
    net::HttpClient client("hls-fetch/" + cli::version());
    net::S3Options s3;
    s3.request_payer = options.request_payer;
    s3.credentials.role_arn = options.role;
    net::S3Client bucket(client, s3);
    const std::string base = options.target.ends_with('/') ? options.target : options.target + '/';
    for (const auto& file : fetch::put_folder(bucket, options.job))
        record.outputs.push_back({base + file.name, file.sha256, file.bytes});
}

}  // namespace

void add_put(cli::Program& program) {
    CLI::App& command =
        program.add_command("put", "A folder to s3://bucket/prefix, its manifest last");
    const auto options = std::make_shared<Options>();
    program.require(command, command.add_option("FOLDER", options->folder, "Product to send"));
    program.require(command, command.add_option("TARGET", options->target, "s3://bucket/prefix"));
    command.add_option("--manifest", options->job.manifest,
                       "File that goes last; default <folder name>.json");
    cli::add_choice(command, "--if-exists", options->job.if_exists, "When the manifest is there",
                    {{"fail", fetch::IfUploaded::fail},
                     {"skip", fetch::IfUploaded::skip},
                     {"replace", fetch::IfUploaded::replace}});
    command.add_option("-j,--jobs", options->job.parallel, "Files at the same time")
        ->check(CLI::Range(1, 64))
        ->capture_default_str();
    command.add_option("--role", options->role, "Role (ARN) to take on for the upload");
    command.add_flag("--request-payer", options->request_payer, "Pay for the requests");
    command.add_flag("--dry-run", options->dry_run, "Print what would be written, in order");
    add_network_options(command, options->network);
    program.on_run(command, [options](cli::Context& context) { run(*options, context); });
}

}  // namespace hls::tool
