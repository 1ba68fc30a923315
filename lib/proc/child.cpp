// SPDX-License-Identifier: Apache-2.0
#include "proc/child.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <boost/process.hpp>
#include <boost/process/extend.hpp>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>

#include "core/cancel.hpp"
#include "core/error.hpp"
#include "proc/process_tree.hpp"

namespace hls::proc {
namespace {

namespace bp = boost::process;
using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds kLook{100};

// Closed when it goes out of scope.
class Descriptor {
 public:
    explicit Descriptor(int value) : value_(value) {}
    ~Descriptor() {
        if (value_ >= 0) ::close(value_);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    int get() const { return value_; }

 private:
    int value_;
};

int open_for_append(const std::filesystem::path& path, int otherwise) {
    if (path.empty()) return ::fcntl(otherwise, F_DUPFD_CLOEXEC, 3);
    const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if (descriptor < 0)
        throw Error{Exit::cannot_create,
                    fmt::format("cannot write {}: {}", path.string(), std::strerror(errno))};
    return descriptor;
}

std::string find_program(const std::string& name) {
    if (name.find('/') != std::string::npos) return name;
    const auto found = bp::search_path(name);
    if (found.empty())
        throw Error{Exit::unavailable, fmt::format("{}: no such program in PATH", name)};
    return found.string();
}

// Runs between fork and exec: only calls that are safe there.
void prepare_child(pid_t parent, int out, int err) {
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (::getppid() != parent) ::_exit(128 + SIGTERM);  // it died before the line above
    ::dup2(out, STDOUT_FILENO);
    ::dup2(err, STDERR_FILENO);
    // Ignored signals stay ignored over exec, and the kit ignores this one.
    ::signal(SIGPIPE, SIG_DFL);
}

pid_t spawn(const ChildRequest& request) {
    const std::string program = find_program(request.argv.front());
    const Descriptor out(open_for_append(request.stdout_file, STDOUT_FILENO));
    const Descriptor err(open_for_append(request.stderr_file, STDERR_FILENO));
    bp::environment environment = boost::this_process::environment();
    for (const auto& [name, value] : request.environment) environment[name] = value;
    const std::string folder =
        request.working_folder.empty() ? std::string(".") : request.working_folder.string();
    const std::vector<std::string> arguments(request.argv.begin() + 1, request.argv.end());
    bp::group group;
    std::error_code error;
    bp::child child(
        program, bp::args(arguments), environment, bp::start_dir(folder), group, error,
        bp::extend::on_exec_setup = [parent = ::getpid(), &out, &err](auto&) {
            prepare_child(parent, out.get(), err.get());
        });
    if (error)
        throw Error{Exit::unavailable,
                    fmt::format("{}: cannot be started: {}", program, error.message())};
    // Boost knows how to wait for a process, though not how much it used; wait4 below does.
    const pid_t process = child.id();
    child.detach();
    group.detach();
    return process;
}

// Waits for one child, stopping it when a limit is reached.
class Watch {
 public:
    Watch(const ChildRequest& request, pid_t process)
        : request_(request),
          process_(process),
          handle_(static_cast<int>(::syscall(SYS_pidfd_open, process, 0))),
          start_(Clock::now()),
          next_tick_(start_ + request.tick) {}

    ChildReport run() {
        while (!has_ended()) {
            if (report_.stopped_by == StoppedBy::nobody)
                look();
            else if (Clock::now() >= kill_at_)
                ::kill(-process_, SIGKILL);
        }
        // The group keeps its number as long as the dead leader was not waited for.
        ::kill(-process_, SIGKILL);
        collect();
        return report_;
    }

 private:
    bool has_ended() {
        if (handle_.get() < 0) {  // kernels before 5.3
            ::poll(nullptr, 0, 20);
        } else {
            pollfd entry{handle_.get(), POLLIN, 0};
            ::poll(&entry, 1, static_cast<int>(kLook.count()));
        }
        siginfo_t info{};
        return ::waitid(P_PID, static_cast<id_t>(process_), &info, WEXITED | WNOHANG | WNOWAIT) ==
                   0 &&
               info.si_pid == process_;
    }

    void look() {
        const auto now = Clock::now();
        if (cancel_signal() != 0) return stop(StoppedBy::cancellation, SIGTERM);
        if (request_.time_limit.count() > 0 && now - start_ >= request_.time_limit)
            return stop(StoppedBy::time_limit, SIGTERM);
        if (request_.memory_limit_mb > 0 &&
            resident_bytes_of_tree(process_) > request_.memory_limit_mb * 1024 * 1024)
            return stop(StoppedBy::memory_limit, SIGKILL);
        if (request_.tick.count() > 0 && now >= next_tick_) {
            next_tick_ = now + request_.tick;
            if (!request_.on_tick()) stop(StoppedBy::tick, SIGTERM);
        }
    }

    void stop(StoppedBy reason, int signal) {
        report_.stopped_by = reason;
        kill_at_ = Clock::now() + request_.grace;
        ::kill(-process_, signal);
    }

    void collect() {
        int status = 0;
        rusage usage{};
        while (::wait4(process_, &status, 0, &usage) < 0 && errno == EINTR) {
        }
        report_.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
        report_.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
        const auto seconds = [](const timeval& time) {
            return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
        };
        constexpr double kBlocksPerMb = 2048;  // of 512 bytes
        report_.wall_s = std::chrono::duration<double>(Clock::now() - start_).count();
        report_.user_s = seconds(usage.ru_utime);
        report_.sys_s = seconds(usage.ru_stime);
        report_.max_rss_mb = static_cast<double>(usage.ru_maxrss) / 1024;  // Linux counts KiB
        report_.read_mb = static_cast<double>(usage.ru_inblock) / kBlocksPerMb;
        report_.write_mb = static_cast<double>(usage.ru_oublock) / kBlocksPerMb;
    }

    const ChildRequest& request_;
    pid_t process_;
    Descriptor handle_;
    Clock::time_point start_, next_tick_, kill_at_{};
    ChildReport report_;
};

}  // namespace

int ChildReport::code() const noexcept {
    switch (stopped_by) {
        case StoppedBy::time_limit:
            return static_cast<int>(Exit::time_limit);
        case StoppedBy::memory_limit:
            return 128 + SIGKILL;
        case StoppedBy::cancellation:
            return 128 + cancel_signal();
        case StoppedBy::tick:
            return 128 + SIGTERM;
        case StoppedBy::nobody:
            break;
    }
    return signal != 0 ? 128 + signal : exit_code;
}

ChildReport run_child(const ChildRequest& request) {
    if (request.argv.empty()) throw Error{Exit::usage, "no program to run"};
    return Watch(request, spawn(request)).run();
}

}  // namespace hls::proc
