// SPDX-License-Identifier: Apache-2.0
#include "cli/version.hpp"
#include "core/error.hpp"
#include "core/log.hpp"
#include "fetch/messages.hpp"
#include "fetch/queue.hpp"
#include "hls-fetch.hpp"

namespace hls::tool {
namespace {

struct Options {
    std::string sqs, subscription;
    MessageOptions messages;
    NetworkOptions network;
    int max_idle_s = 0, most_messages = 0, visibility_s = 0;
    bool show_rejected = false;
};

void run(const Options& options, cli::Context& context) {
    options.network.apply();
    if (options.sqs.empty() == options.subscription.empty())
        throw Error{Exit::usage, "one queue is required, and one only",
                    "--sqs URL or --cdse-pull SUBSCRIPTION"};
    net::HttpClient client("hls-fetch/" + cli::version());
    const auto queue =
        options.sqs.empty()
            ? fetch::cdse_subscription(client, options.subscription)
            : fetch::sqs_queue(client, options.sqs, std::chrono::seconds{options.visibility_s});
    const auto reject = [&](const fetch::Reject& what) {
        if (options.show_rejected || !what.why.starts_with("filtered:"))
            context.print(fetch::to_json(what));
    };
    const auto write = [&](const std::string& text) {
        // A reader for each: what comes again after a crash or a lost answer is written again.
        fetch::MessageReader reader(
            options.messages.rules(),
            {[&](const fetch::GranuleRecord& record) { context.print(fetch::to_json(record)); },
             reject, [&](const std::string& line) { context.print(line); }});
        reader.feed(text + '\n');
        reader.finish();
    };
    const int count =
        fetch::listen(*queue, {std::chrono::seconds{options.max_idle_s}, options.most_messages},
                      write, [&] { context.settle(); });
    log_info("{} messages", count);
}

}  // namespace

void add_listen(cli::Program& program) {
    CLI::App& command = program.add_command(
        "listen", "Messages of a queue to one JSON line a granule, acknowledged when written");
    const auto options = std::make_shared<Options>();
    command.add_option("--sqs", options->sqs, "Address of a queue of SQS");
    command.add_option("--cdse-pull", options->subscription,
                       "Uuid of a pull subscription of the Copernicus Data Space");
    const auto number = [&](const char* name, int& value, const char* what, int most) {
        command.add_option(name, value, what)->check(CLI::Range(0, most))->capture_default_str();
    };
    number("--max-idle", options->max_idle_s, "End after so many seconds without any; 0: never",
           10'000'000);
    number("--max-messages", options->most_messages, "End after so many; 0: never", 1'000'000'000);
    number("--visibility", options->visibility_s,
           "Seconds that others do not see what is being written; 0: as the queue says", 43200);
    command.add_flag("--show-rejected", options->show_rejected,
                     "Print what the preset filters, too");
    add_message_options(command, options->messages);
    add_network_options(command, options->network);
    program.on_run(command, [options](cli::Context& context) { run(*options, context); });
}

}  // namespace hls::tool
