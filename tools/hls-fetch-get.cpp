// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <deque>
#include <iostream>
#include <mutex>

#include "cli/choice.hpp"
#include "cli/version.hpp"
#include "core/cancel.hpp"
#include "core/error.hpp"
#include "core/escape.hpp"
#include "core/log.hpp"
#include "core/parallel.hpp"
#include "fetch/get.hpp"
#include "fetch/get_objects.hpp"
#include "hls-fetch.hpp"

namespace hls::tool {
namespace {

struct Options {
    std::vector<std::string> what;
    std::string folder = ".";
    MessageOptions messages;
    net::IfPresent if_exists = net::IfPresent::verify;
    std::string successor = "T1";
    int jobs = 4;
    double min_free_gb = 2;
    bool plain = false;
};

// Granules from arguments and stdin, one at a time for any number of threads.
class Queue {
 public:
    Queue(const Options& options, cli::Context& context)
        : what_(options.what),
          context_(context),
          reader_(options.messages.rules(),
                  {[this](const fetch::GranuleRecord& record) { ready_.push_back(record); },
                   [this](const fetch::Reject& reject) {
                       context_.print(fetch::to_json(reject));
                       worst = std::max(worst, reject.why.starts_with("filtered:") ? 7 : 65);
                   },
                   {}}) {}

    std::optional<fetch::GranuleRecord> next() {
        const std::lock_guard lock(mutex);
        while (ready_.empty()) {
            throw_if_cancelled();
            std::string line;
            if (from_stdin_ && std::getline(std::cin, line)) {
                reader_.feed(line + '\n');
            } else if (from_stdin_) {
                from_stdin_ = false;
                reader_.finish();
            } else if (at_ == what_.size()) {
                return std::nullopt;
            } else if (const std::string& word = what_[at_++]; word == "-") {
                from_stdin_ = true;
            } else {
                reader_.feed(word + '\n');
                reader_.finish();
            }
        }
        fetch::GranuleRecord record = std::move(ready_.front());
        ready_.pop_front();
        return record;
    }

    std::mutex mutex;
    int worst = 0;

 private:
    const std::vector<std::string>& what_;
    cli::Context& context_;
    fetch::MessageReader reader_;
    std::deque<fetch::GranuleRecord> ready_;
    std::size_t at_ = 0;
    bool from_stdin_ = false;
};

// The code that says most about what has to be done.
int worse(int a, int b) {
    constexpr std::array kOrder{2, 77, 74, 69, 65, 66, 73, 75, 7, 0};
    const auto place = [&](int code) { return std::find(kOrder.begin(), kOrder.end(), code); };
    return place(a) <= place(b) ? a : b;
}

fetch::GetOptions get_options(const Options& options) {
    fetch::GetOptions get;
    get.folder = options.folder;
    get.download.jobs = std::max(options.jobs, 1);
    get.download.if_present = options.if_exists;
    get.download.min_free_bytes = static_cast<std::int64_t>(options.min_free_gb * 1e9);
    get.successor = options.successor != "none";
    return get;
}

void run_plain(const Options& options, cli::Context& context) {
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
    net::HttpClient client("hls-fetch/" + cli::version());
    fetch::Getter getter(client, get_options(options));
    Queue queue(options, context);
    int code = 0;
    const auto jobs = static_cast<std::size_t>(std::max(options.jobs, 1));
    parallel_for(jobs, options.jobs, [&](std::size_t) {
        while (auto record = queue.next()) {
            const auto result = getter.get(std::move(*record));
            const std::lock_guard lock(queue.mutex);
            context.print(fetch::to_json(result));
            if (result.exit != Exit::ok) log_warning("{}", result.message);
            code = worse(code, static_cast<int>(result.exit));
        }
    });
    code = worse(code, queue.worst);
    if (code != 0)
        throw Error{static_cast<Exit>(code), "not every granule is here",
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
    cli::add_choice(command, "--if-exists", options->if_exists, "What to do with files there",
                    {{"verify", net::IfPresent::verify},
                     {"skip", net::IfPresent::skip},
                     {"replace", net::IfPresent::replace},
                     {"fail", net::IfPresent::fail}});
    command
        .add_option("--successor", options->successor,
                    "For an RT scene that is gone: T1 takes the best of its day")
        ->check(CLI::IsMember({"T1", "none"}))
        ->capture_default_str();
    command.add_option("--min-free", options->min_free_gb, "GB to leave free on the disk")
        ->check(CLI::NonNegativeNumber)
        ->capture_default_str();
    command.add_flag("--plain", options->plain,
                     "WHAT are s3:// objects or prefixes; take them as they are");
    add_message_options(command, options->messages);
    program.on_run(command, [options](cli::Context& context) {
        options->plain ? run_plain(*options, context) : run(*options, context);
    });
}

}  // namespace hls::tool
