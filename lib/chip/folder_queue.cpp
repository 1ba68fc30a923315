// SPDX-License-Identifier: Apache-2.0
#include "chip/folder_queue.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include "chip/data_set.hpp"
#include "chip/draw.hpp"
#include "chip/plan_file.hpp"
#include "core/cancel.hpp"
#include "core/error.hpp"
#include "core/log.hpp"
#include "core/parse.hpp"
#include "core/ulid.hpp"
#include "fs/atomic_output.hpp"
#include "fs/file_lock.hpp"
#include "fs/read_text.hpp"

namespace hls::chip {
namespace {

namespace stdfs = std::filesystem;
using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds kSlice{100}, kRescan{1000};
constexpr int kRenewals = 6;  // within a lease

// A claim is <task>@<worker>.json.
constexpr char kHeldBy = '@';

std::string task_of(const stdfs::path& file) {
    const std::string stem = file.stem().string();
    return stem.substr(0, stem.find(kHeldBy));
}

std::vector<stdfs::path> files_of(const stdfs::path& folder) {
    std::vector<stdfs::path> files;
    std::error_code gone;
    for (const auto& entry : stdfs::directory_iterator(folder, gone))
        if (entry.path().extension() == ".json") files.push_back(entry.path());
    std::ranges::sort(files);
    return files;
}

// To the time of the file server.
void touch(const stdfs::path& file) {
    ::utimensat(AT_FDCWD, file.c_str(), nullptr, 0);
}

std::chrono::seconds changed_at(const stdfs::path& file) {
    struct stat info {};
    if (::stat(file.c_str(), &info) != 0) return std::chrono::seconds::max();
    return std::chrono::seconds(info.st_mtim.tv_sec);
}

bool move(const stdfs::path& from, const stdfs::path& to) {
    std::error_code error;
    stdfs::rename(from, to, error);
    if (!error) return true;
    if (error == std::errc::no_such_file_or_directory) return false;
    throw Error(Exit::io_error,
                fmt::format("cannot rename {}: {}", from.string(), error.message()));
}

class FolderQueue : public TaskSource {
 public:
    explicit FolderQueue(const QueueWork& work)
        : work_(work), clock_(work.queue / (".clock-" + work.worker)) {
        if (!stdfs::is_directory(work.queue / "pending"))
            throw Error(Exit::missing_input, fmt::format("{} is no queue", work.queue.string()),
                        "hls-chip run --queue with --tasks, or hls-chip plan --queue, makes one");
        fs::write_text_atomically(clock_, "", fs::IfExists::replace);
        plan_pending_ = stdfs::exists(work.queue / "plan.json");
    }

    ~FolderQueue() override {
        for (const auto& [ticket, claim] : claims_) {
            std::error_code ignored;
            stdfs::rename(claim, pending(task_of(claim)), ignored);
        }
        std::error_code ignored;
        stdfs::remove(clock_, ignored);
    }

    bool shared() const override { return true; }

    std::optional<TaskLine> next() override {
        for (;;) {
            throw_if_cancelled();
            {
                const std::lock_guard lock(mutex_);
                if (stopped_) return std::nullopt;
                if (plan_pending_) return plan_line();
                if (auto line = claim_one()) return line;
                if (is_drained()) return std::nullopt;
            }
            for (auto waited = milliseconds(0); waited < kRescan; waited += kSlice) {
                throw_if_cancelled();
                std::this_thread::sleep_for(kSlice);
            }
        }
    }

    void answer(const TaskLine& line, const TaskAnswer& answer) override {
        stdfs::path claim;
        {
            const std::lock_guard lock(mutex_);
            const auto found = claims_.find(line.ticket);
            if (found == claims_.end()) return;
            claim = found->second;
            claims_.erase(found);
        }
        const std::string task = task_of(claim);
        // What lapsed belongs to somebody else, who will say what became of it.
        if (stdfs::exists(claim)) {
            const bool again = !answer.next_attempt.empty();
            fs::write_text_atomically(again ? pending(task) : done(task),
                                      (again ? answer.next_attempt : answer.result) + "\n",
                                      fs::IfExists::replace);
        }
        std::error_code ignored;
        stdfs::remove(claim, ignored);
    }

    void stop() override {
        const std::lock_guard lock(mutex_);
        stopped_ = true;
    }

    void tend(const std::function<bool()>& working, const std::function<void()>&) override {
        const milliseconds step = milliseconds(work_.lease) / kRenewals;
        auto due = Clock::now();
        while (working()) {
            if (Clock::now() >= due) {
                renew();
                take_back();
                due = Clock::now() + step;
            }
            std::this_thread::sleep_for(kSlice);
        }
    }

 private:
    stdfs::path pending(const std::string& task) const {
        return work_.queue / "pending" / (task + ".json");
    }
    stdfs::path done(const std::string& task) const {
        return work_.queue / "done" / (task + ".json");
    }

    TaskLine plan_line() {
        plan_pending_ = false;
        TaskLine line;
        line.text = trim(fs::read_text(work_.queue / "plan.json", kMaxTaskBytes));
        line.where = (work_.queue / "plan.json").string();
        line.may_be_plan = true;
        return line;
    }

    std::optional<TaskLine> claim_one() {
        if (candidates_.empty()) look_for_candidates();
        while (!candidates_.empty()) {
            const stdfs::path file = std::move(candidates_.back());
            candidates_.pop_back();
            const stdfs::path claim =
                work_.queue / "claimed" / (file.stem().string() + kHeldBy + work_.worker + ".json");
            touch(file);  // renaming keeps the time, and an old one looks dead
            if (!move(file, claim)) continue;
            TaskLine line;
            line.text = trim(fs::read_text(claim, kMaxTaskBytes + 1));
            line.where = file.filename().string();
            line.ticket = ++tickets_;
            claims_[line.ticket] = claim;
            return line;
        }
        return std::nullopt;
    }

    // Every worker starts at another place, so that they seldom reach for the same file.
    void look_for_candidates() {
        candidates_ = files_of(work_.queue / "pending");
        const auto start = static_cast<std::ptrdiff_t>(draw(0, work_.worker) *
                                                       static_cast<double>(candidates_.size()));
        std::ranges::rotate(candidates_, candidates_.begin() + start);
    }

    // Nobody holds a claim that might come back. Asked for twice, because a task that is put back
    // between two looks is in neither.
    bool is_drained() const {
        return files_of(work_.queue / "claimed").empty() &&
               files_of(work_.queue / "pending").empty();
    }

    void renew() {
        const std::lock_guard lock(mutex_);
        for (const auto& [ticket, claim] : claims_) touch(claim);
    }

    void take_back() {
        touch(clock_);
        const auto now = changed_at(clock_);
        for (const auto& claim : files_of(work_.queue / "claimed")) {
            const auto renewed = changed_at(claim);
            if (renewed >= now || now - renewed <= work_.lease) continue;
            if (move(claim, pending(task_of(claim))))
                log_warning("{}: its worker is gone, back in the queue", claim.filename().string());
        }
    }

    const QueueWork work_;
    const stdfs::path clock_;
    std::mutex mutex_;
    std::vector<stdfs::path> candidates_;
    std::map<std::int64_t, stdfs::path> claims_;  // by ticket
    std::int64_t tickets_ = 0;
    bool stopped_ = false, plan_pending_ = false;
};

// Names in all three folders, looked at in the direction in which tasks move.
std::set<std::string> tasks_of_queue(const stdfs::path& queue) {
    std::set<std::string> tasks;
    for (const char* state : {"pending", "claimed", "done"})
        for (const auto& file : files_of(queue / state)) tasks.insert(task_of(file));
    return tasks;
}

}  // namespace

std::int64_t fill_folder_queue(const stdfs::path& queue, std::string_view plan) {
    const fs::FileLock lock(queue / ".fill.lock");
    for (const char* state : {"pending", "claimed", "done"})
        fs::prepare_output(queue / state / "x", fs::IfExists::replace);
    const auto known = tasks_of_queue(queue);
    std::int64_t number = 0, added = 0;
    for (const auto line : split(plan, '\n')) {
        ++number;
        if (trim(line).empty()) continue;
        if (is_plan_summary(line)) {
            const std::string id = plan_id_of(line, fmt::format("line {}", number));
            check_plan(queue, id);
            fs::write_text_atomically(queue / "plan.json", std::string(line) + "\n",
                                      fs::IfExists::replace);
            continue;
        }
        Task task;
        try {
            task = parse_task(line);
        } catch (const Error& error) {
            throw Error(error.code, fmt::format("line {}: {}", number, error.message));
        }
        check_plan(queue, task.plan_id);
        if (known.contains(task.task_id)) continue;
        fs::write_text_atomically(queue / "pending" / (task.task_id + ".json"),
                                  std::string(line) + "\n", fs::IfExists::replace);
        ++added;
    }
    return added;
}

std::unique_ptr<TaskSource> make_folder_queue(const QueueWork& work) {
    QueueWork named = work;
    for (char& c : named.worker)
        if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '-') c = '_';
    named.worker += "-" + new_ulid();  // a name of host and process may come again
    return std::make_unique<FolderQueue>(named);
}

}  // namespace hls::chip
