// SPDX-License-Identifier: Apache-2.0
// The process edge of every tool: parse, signals, body, result record, exit code.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/run_record.hpp"

namespace hls::cli {

// Options that every command has.
struct CommonOptions {
    bool quiet = false;
    int verbose = 0;
    std::string log_format = "text";
    std::string color = "auto";
    bool progress = false;
    bool no_progress = false;
};

// What a command's body sees of the process.
class Context {
 public:
    Context(std::string tool, const CommonOptions& options);

    // Filled by the body; printed as the last line of stdout when record().wanted.
    RunRecord& record() { return record_; }

    // Reports a fraction in [0, 1] of `label`; draws a bar on a TTY, does nothing otherwise. The
    // function may be called from several threads, though not at once.
    std::function<void(double)> progress(std::string label) const;

    // One line of data on stdout. A reader that went away ends the program with success.
    void print(std::string_view line) const;

    // Returns when what was printed cannot be lost with this program any more: a file is on its
    // disk, a pipe empty. A reader that went away before it took all ends the program with success.
    // Throws Error{io_error}, 128 + signal when cancelled.
    void settle() const;

 private:
    RunRecord record_;
    bool show_progress_;
};

using Body = std::function<void(Context&)>;
using LibraryVersions = std::vector<std::pair<std::string, std::string>>;

class Program {
 public:
    Program(std::string name, std::string purpose);

    // The command that runs when no subcommand is named.
    CLI::App& root() { return app_; }
    CLI::App& add_command(const std::string& name, const std::string& purpose);

    // `body` runs when `command` was the one named.
    void on_run(CLI::App& command, Body body);
    // Missing options are usage errors of the command they belong to and of no other, which
    // CLI11's own required() cannot say when a root command has subcommands beside it.
    void require(CLI::App& command, CLI::Option* option);
    // Versions of libraries the tool links, asked for by --version only. May be called repeatedly.
    void on_version(std::function<LibraryVersions()> versions) {
        versions_.push_back(std::move(versions));
    }

    // Never throws; returns the exit code.
    int run(int argc, char** argv);

 private:
    struct Command {
        CLI::App* app;
        Body body;
        std::vector<CLI::Option*> required;
    };

    Command& command_of(CLI::App& app);
    void add_common_options(CLI::App& app);
    int answer_flags() const;
    int execute(std::vector<std::string> arguments);
    int run_body(const Command& command);
    void check_required(const Command& command) const;
    std::string version_text() const;

    std::string name_;
    CLI::App app_;
    std::vector<Command> commands_;
    CommonOptions common_;
    bool show_version_ = false;
    bool show_usage_json_ = false;
    std::vector<std::function<LibraryVersions()>> versions_;
};

}  // namespace hls::cli
