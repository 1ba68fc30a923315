// SPDX-License-Identifier: Apache-2.0
#include "cli/program.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdlib>
#include <new>

#include "cli/array_input.hpp"
#include "cli/progress_bar.hpp"
#include "cli/usage_json.hpp"
#include "cli/version.hpp"
#include "core/cancel.hpp"
#include "core/error.hpp"
#include "core/log.hpp"

namespace hls::cli {
namespace {

// Thrown when the reader of stdout went away: as with `head`, that is success.
struct BrokenPipe {};

void write_stdout(std::string_view text) {
    while (!text.empty()) {
        const auto written = ::write(STDOUT_FILENO, text.data(), text.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0 && errno == EPIPE) throw BrokenPipe{};
        if (written < 0) throw Error{Exit::io_error, "cannot write to standard output"};
        text.remove_prefix(static_cast<std::size_t>(written));
    }
}

// Nothing tells a writer that a pipe was emptied, so it looks again and again.
void wait_for_reader() {
    constexpr int kMostWait_ms = 50;
    for (int wait_ms = 1;; wait_ms = std::min(2 * wait_ms, kMostWait_ms)) {
        int unread = 0;
        if (::ioctl(STDOUT_FILENO, FIONREAD, &unread) != 0 || unread == 0) return;
        pollfd reader{STDOUT_FILENO, 0, 0};
        if (::poll(&reader, 1, wait_ms) > 0 && (reader.revents & POLLERR) != 0) throw BrokenPipe{};
        throw_if_cancelled();
    }
}

// Handlers rather than defaults, because PID 1 of a container ignores signals without one.
void install_signal_handlers() {
    struct sigaction action {};
    action.sa_handler = [](int signal) { request_cancel(signal); };
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, nullptr);
    sigaction(SIGTERM, &action, nullptr);
    action.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &action, nullptr);
}

bool wants_color(const std::string& choice) {
    if (choice != "auto") return choice == "always";
    return std::getenv("NO_COLOR") == nullptr && ::isatty(STDERR_FILENO) != 0;
}

void configure_log_from(const std::string& program, const CommonOptions& options) {
    LogSettings settings;
    settings.program = program;
    settings.format = options.log_format == "json" ? LogFormat::json : LogFormat::text;
    settings.color = wants_color(options.color);
    if (options.quiet)
        settings.level = LogLevel::error;
    else if (options.verbose > 0)
        settings.level = options.verbose > 1 ? LogLevel::debug : LogLevel::info;
    configure_log(settings);
}

// CLI11's ranges let NaN pass, which is neither below nor above anything.
void require_finite_numbers(const CLI::App& app, const std::string& program) {
    for (const CLI::Option* option : app.get_options()) {
        if (option->get_type_name().find("FLOAT") == std::string::npos) continue;
        for (const std::string& text : option->results())
            if (!std::isfinite(std::strtod(text.c_str(), nullptr)))
                throw Error{Exit::usage,
                            fmt::format("{}: {} is no number", option->get_name(), text),
                            fmt::format("see {} --help", program)};
    }
}

// The exception in flight, as what the kit reports.
Error classify_current_exception() {
    try {
        throw;
    } catch (const Error& error) {
        return error;
    } catch (const std::bad_alloc&) {
        return {Exit::resource, "out of memory", "give it more memory, or fewer --threads"};
    } catch (const std::exception& error) {
        return {Exit::failure, error.what()};
    } catch (...) {
        return {Exit::failure, "unknown failure"};
    }
}

void report(const Error& error) {
    log_line(LogLevel::error,
             error.hint.empty() ? error.message : error.message + " (" + error.hint + ")");
}

}  // namespace

Context::Context(std::string tool, const CommonOptions& options)
    : record_(std::move(tool)),
      show_progress_(!options.quiet && !options.no_progress &&
                     (options.progress || ::isatty(STDERR_FILENO) != 0)) {}

std::function<void(double)> Context::progress(std::string label) const {
    if (!show_progress_) return [](double) {};
    return ProgressBar(std::move(label));
}

void Context::print(std::string_view line) const {
    write_stdout(std::string(line) + '\n');
}

void Context::settle() const {
    struct stat about {};
    if (::fstat(STDOUT_FILENO, &about) != 0) return;
    if (S_ISREG(about.st_mode) && ::fdatasync(STDOUT_FILENO) != 0)
        throw Error{Exit::io_error, "cannot write to standard output"};
    if (S_ISFIFO(about.st_mode)) wait_for_reader();
}

Program::Program(std::string name, std::string purpose)
    : name_(std::move(name)), app_(std::move(purpose), name_) {
    app_.set_help_flag("-h,--help", "Print this help");
    app_.add_flag("--version", show_version_, "Print versions of the tool and its libraries");
    app_.add_flag("--usage-json", show_usage_json_, "Print all options as JSON");
    add_common_options(app_);
    commands_.push_back({&app_, {}, {}});
}

CLI::App& Program::add_command(const std::string& name, const std::string& purpose) {
    CLI::App& command = *app_.add_subcommand(name, purpose);
    command.set_help_flag("-h,--help", "Print this help");
    add_common_options(command);
    commands_.push_back({&command, {}, {}});
    app_.require_subcommand(0, 1);
    return command;
}

void Program::add_common_options(CLI::App& app) {
    const std::string group = "Common options";
    app.add_flag("-q,--quiet", common_.quiet, "Print errors only")->group(group);
    app.add_flag("-v,--verbose", common_.verbose, "Say more; twice for debugging")->group(group);
    app.add_option("--log-format", common_.log_format, "Form of the lines on stderr")
        ->check(CLI::IsMember({"text", "json"}))
        ->envname("HLS_LOG_FORMAT")
        ->capture_default_str()
        ->group(group);
    app.add_flag("--progress", common_.progress, "Show a progress bar even without a terminal")
        ->group(group);
    app.add_flag("--no-progress", common_.no_progress, "Never show a progress bar")->group(group);
    app.add_option("--color", common_.color, "Colour on stderr; auto honours NO_COLOR")
        ->check(CLI::IsMember({"auto", "always", "never"}))
        ->capture_default_str()
        ->group(group);
}

Program::Command& Program::command_of(CLI::App& app) {
    return *std::find_if(commands_.begin(), commands_.end(),
                         [&app](const Command& command) { return command.app == &app; });
}

void Program::on_run(CLI::App& command, Body body) {
    command_of(command).body = std::move(body);
}

void Program::require(CLI::App& command, CLI::Option* option) {
    command_of(command).required.push_back(option);
    option->description(option->get_description() + " (required)");
}

int Program::run(int argc, char** argv) {
    configure_log({.program = name_});
    install_signal_handlers();
    try {
        std::vector<std::string> arguments(argv + 1, argv + argc);
        return execute(expand_array_input(std::move(arguments)));
    } catch (const BrokenPipe&) {
        return static_cast<int>(Exit::ok);
    } catch (...) {
        const Error error = classify_current_exception();
        report(error);
        return static_cast<int>(error.code);
    }
}

int Program::execute(std::vector<std::string> arguments) {
    std::reverse(arguments.begin(), arguments.end());  // CLI11 takes them last first
    try {
        app_.parse(std::move(arguments));
    } catch (const CLI::CallForHelp&) {
        write_stdout(app_.help());
        return static_cast<int>(Exit::ok);
    } catch (const CLI::ParseError& error) {
        throw Error{Exit::usage, error.what(), fmt::format("see {} --help", name_)};
    }
    configure_log_from(name_, common_);
    if (show_version_ || show_usage_json_) return answer_flags();

    const auto named = app_.get_subcommands();
    const Command& command = command_of(named.empty() ? app_ : *named.front());
    require_finite_numbers(*command.app, name_);
    check_required(command);
    return run_body(command);
}

int Program::answer_flags() const {
    if (show_version_) {
        write_stdout(version_text());
    } else {
        std::vector<const CLI::Option*> required;
        for (const Command& command : commands_)
            required.insert(required.end(), command.required.begin(), command.required.end());
        write_stdout(usage_json(app_, required) + "\n");
    }
    return static_cast<int>(Exit::ok);
}

void Program::check_required(const Command& command) const {
    const auto see_help = fmt::format("see {} {}--help", name_,
                                      command.app == &app_ ? "" : command.app->get_name() + ' ');
    if (!command.body) throw Error{Exit::usage, "a command is required", see_help};
    for (const CLI::Option* option : command.required)
        if (option->empty())
            throw Error{Exit::usage, fmt::format("{} is required", option->get_name()), see_help};
}

int Program::run_body(const Command& command) {
    Context context(name_, common_);
    int code = static_cast<int>(Exit::ok);
    try {
        command.body(context);
    } catch (const BrokenPipe&) {
        throw;
    } catch (...) {
        const Error error = classify_current_exception();
        report(error);
        context.record().message = error.message;
        code = static_cast<int>(error.code);
    }
    if (context.record().wanted) {
        const std::string line = context.record().finish(code);
        if (const std::string problem = context.record().save(line); !problem.empty()) {
            report({Exit::cannot_create, problem});
            if (code == 0) code = static_cast<int>(Exit::cannot_create);
        }
        try {
            context.print(line);
        } catch (const Error&) {
            // That nothing can be written there may have ended the work, and has been told then.
            if (code != static_cast<int>(Exit::io_error)) throw;
        }
    }
    return code;
}

std::string Program::version_text() const {
    std::string text = fmt::format("{} {}\n", name_, version());
    for (const auto& versions : versions_)
        for (const auto& [library, number] : versions())
            text += fmt::format("{} {}\n", library, number);
    return text;
}

}  // namespace hls::cli
