// SPDX-License-Identifier: Apache-2.0
#include <iostream>

#include "cli/choice.hpp"
#include "core/cancel.hpp"
#include "core/error.hpp"
#include "core/log.hpp"
#include "fetch/messages.hpp"
#include "hls-fetch.hpp"

namespace hls::tool {
namespace {

struct Options {
    MessageOptions messages;
    bool show_rejected = false;
    bool strict = false;
};

void run(const Options& options, cli::Context& context) {
    bool bad = false;
    const auto reject = [&](const fetch::Reject& what) {
        bad = bad || !what.why.starts_with("filtered:");
        if (options.show_rejected || !what.why.starts_with("filtered:"))
            context.print(fetch::to_json(what));
        if (options.strict && bad)
            throw Error{Exit::bad_input, "a message cannot be understood: " + what.why};
    };
    fetch::MessageReader reader(
        options.messages.rules(),
        {[&](const fetch::GranuleRecord& record) { context.print(fetch::to_json(record)); }, reject,
         [&](const std::string& line) { context.print(line); }});
    std::string buffer(65536, '\0');
    while (std::cin) {
        throw_if_cancelled();
        std::cin.read(buffer.data(), 1);
        const auto first = std::cin.gcount();
        const auto more = first > 0 ? std::cin.readsome(buffer.data() + 1, 65535) : 0;
        reader.feed(std::string_view(buffer).substr(0, static_cast<std::size_t>(first + more)));
    }
    reader.finish();
    const auto& counts = reader.counts();
    log_info("{} granules, {} filtered, {} rejected, {} duplicates, {} ignored, {} jobs",
             counts.granules, counts.filtered, counts.rejected, counts.duplicates, counts.ignored,
             counts.jobs);
}

}  // namespace

fetch::MessageRules MessageOptions::rules() const {
    fetch::MessageRules rules;
    rules.preset = preset;
    rules.allowed_buckets.insert(buckets.begin(), buckets.end());
    return rules;
}

void add_message_options(CLI::App& command, MessageOptions& options) {
    cli::add_choice(command, "--preset", options.preset, "Which announced products to accept",
                    {{"hls-forward", fetch::Preset::hls_forward},
                     {"hls-forward2", fetch::Preset::hls_forward2},
                     {"none", fetch::Preset::none}});
    command.add_option("--allow-bucket", options.buckets,
                       "Bucket that messages may name besides those of the agencies");
}

void add_parse(cli::Program& program) {
    CLI::App& command =
        program.add_command("parse", "Messages on stdin to one JSON line a granule; no network");
    const auto options = std::make_shared<Options>();
    add_message_options(command, options->messages);
    command.add_flag("--show-rejected", options->show_rejected,
                     "Print what the preset filters, too");
    command.add_flag("--strict", options->strict, "End with 65 at the first bad message");
    program.on_run(command, [options](cli::Context& context) { run(*options, context); });
}

}  // namespace hls::tool
