// SPDX-License-Identifier: Apache-2.0
#include "zarr/update_batch.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <set>

#include "core/parallel.hpp"
#include "store/change_recorder.hpp"
#include "zarr/axis_coordinates.hpp"
#include "zarr/publish_lock.hpp"
#include "zarr/row_plan.hpp"
#include "zarr/row_stage.hpp"
#include "zarr/row_writer.hpp"

namespace hls::zarr {
namespace {

constexpr const char* kAxisLock = "!axis";

// The last item of each key: the same file named twice is one piece of work.
std::vector<WorkItem> without_repeats(std::vector<WorkItem> items) {
    std::vector<WorkItem> kept;
    std::set<std::string> keys;
    for (auto item = items.rbegin(); item != items.rend(); ++item)
        if (keys.insert(item->key).second) kept.push_back(std::move(*item));
    std::ranges::reverse(kept);
    return kept;
}

class Batch {
 public:
    Batch(CollectionStore& store, std::vector<WorkItem> items)
        : store_(store), plan_(store, without_repeats(std::move(items))) {
        for (const auto& variable : store_.collection().variables) {
            const ArrayMetadata* array = store_.layout().hierarchy.array(variable.name);
            rows_per_object_[variable.name] = array->chunk_shape[0];
        }
    }

    BatchReport apply(Writer& writer, const BatchOptions& options) {
        const auto start = std::chrono::steady_clock::now();
        if (shared() != nullptr) shared()->catch_up();
        plan_.find_slots();
        OwnerLocks locks(writer, owners());
        finish_earlier(writer);
        if (shared() != nullptr && (options.exclusive || !rows_stay()))
            publish_.emplace(writer, store_.access());
        locks.read_generations();
        plan_.decide();
        SlotTable table(store_.state());
        rows_ = plan_rows(store_.collection(), table, plan_);
        BatchReport report = begin_report();
        if (plan_.changes().empty())
            commit_decisions(writer, locks);
        else
            report.transaction = commit_objects(writer, locks, options.threads);
        report.length = std::max(rows_.new_length, table.length());
        report.ms =
            std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start)
                .count();
        return report;
    }

    BatchReport plan() {
        plan_.find_slots();
        plan_.decide();
        SlotTable table(store_.state());
        rows_ = plan_rows(store_.collection(), table, plan_);
        BatchReport report = begin_report();
        for (const ChunkRowTask& task : tasks()) {
            const auto keys = chunk_row_keys(array_of(task.variable), task.chunk_row);
            report.keys.insert(report.keys.end(), keys.begin(), keys.end());
        }
        if (plan_.changes().empty()) return report;
        for (const auto& object : axis_objects(store_, table, plan_, rows_))
            report.keys.push_back(object.key);
        if (rows_.new_length != rows_.old_length)
            for (const Document& document :
                 store_.layout().documents(store_.collection(), rows_.new_length))
                report.keys.push_back(document.key);
        return report;
    }

 private:
    BatchReport begin_report() const {
        BatchReport report;
        report.items = plan_.results();
        std::set<std::string> slots;
        for (const auto& [place, change] : plan_.changes()) slots.insert(place.first);
        report.slots = slots.size();
        report.length = rows_.new_length;
        return report;
    }

    SharedState* shared() const { return store_.access().shared; }
    bool rows_stay() const { return store_.collection().axis.kind == AxisKind::daily; }

    // One owner for each row of objects, or the whole axis where rows may move.
    std::vector<std::string> owners() const {
        if (!rows_stay()) return {kAxisLock};
        std::set<std::string> names;
        for (const auto& [slot, variable] : plan_.touched()) {
            const std::uint64_t per_object = rows_per_object_.at(variable);
            names.insert(fmt::format("{}/{}", per_object, daily_row_of(slot) / per_object));
        }
        return {names.begin(), names.end()};
    }

    // A writer that died after its commit point may have had these rows.
    void finish_earlier(Writer& writer) const {
        if (shared() != nullptr) shared()->catch_up();
        if (store_.state().db().query_int("SELECT count(*) FROM txn WHERE state = 'committed'") !=
            0)
            PublishLock(writer, store_.access());
    }

    Array array_of(const std::string& variable) const {
        return {variable, store_.layout().array(store_.collection(), variable, rows_.new_length)};
    }

    std::vector<ChunkRowTask> tasks() const {
        return chunk_row_tasks(store_.collection(), plan_, rows_, rows_per_object_);
    }

    // Candidates may have changed though no pixel does.
    void commit_decisions(Writer& writer, OwnerLocks& locks) {
        if (shared() != nullptr && changes_tables()) {
            if (!publish_) publish_.emplace(writer, store_.access());
            StoreTransaction transaction(writer, store_.access());
            transaction.commit(
                {&locks, &publish_->owner()}, 0, [&] { write_tables(); }, [&] { finish_events(); });
            return;
        }
        DurableTransaction transaction(store_.state().db());
        writer.require_unfenced();
        if (shared() == nullptr) {
            locks.count_commit();
            write_tables();
        }
        finish_events();
        transaction.commit();
    }

    // Other hosts need not hear of an event that changes nothing.
    bool changes_tables() const {
        const store::Transaction undone(store_.state().db());
        const store::ChangeRecorder recorder(store_.state().db(), shared_tables());
        write_tables();
        return !recorder.patch().empty();
    }

    void write_tables() const {
        SlotTable table(store_.state());
        plan_.write(table);
        for (const auto& row : rows_.axis) table.put_row(row);
    }

    void finish_events() const {
        EventQueue queue(store_.state());
        plan_.finish(queue);
    }

    TransactionReport commit_objects(Writer& writer, OwnerLocks& locks, int threads) {
        StoreTransaction transaction(writer, store_.access());
        try {
            stage_data(writer, transaction, threads);
        } catch (const Error&) {
            // A file that was replaced or removed meanwhile is no damaged file.
            plan_.require_unchanged_files();
            throw;
        }
        plan_.require_unchanged_files();
        if (!publish_) publish_.emplace(writer, store_.access());
        SlotTable table(store_.state());
        for (const AxisObject& object : axis_objects(store_, table, plan_, rows_))
            transaction.put(Phase::coordinates, object.key, object.content);
        const std::uint64_t length = std::max(rows_.new_length, table.length());
        for (const Document& document : store_.layout().documents(store_.collection(), length))
            transaction.put(phase_of_document(document.key), document.key,
                            std::as_bytes(std::span(document.text)));
        std::set<std::string> slots;
        for (const auto& [place, change] : plan_.changes()) slots.insert(place.first);
        return transaction.commit(
            {&locks, &publish_->owner()}, slots.size(), [&] { write_tables(); },
            [&] { finish_events(); });
    }

    void stage_data(Writer& writer, StoreTransaction& transaction, int threads) const {
        const auto work = tasks();
        // Files are decoded side by side if there are several; else the chunks of the one.
        const bool side_by_side = work.size() >= static_cast<std::size_t>(threads);
        parallel_for(work.size(), side_by_side ? threads : 1, [&](std::size_t i) {
            writer.renew_if_due();
            if (publish_ && shared() != nullptr) shared()->require_held();
            stage_chunk_row(transaction, store_, rows_, work[i],
                            {side_by_side ? 1 : threads, side_by_side ? threads : 1});
        });
    }

    CollectionStore& store_;
    SlotPlan plan_;
    RowPlan rows_;
    std::map<std::string, std::uint64_t> rows_per_object_;
    std::optional<PublishLock> publish_;
};

}  // namespace

std::string_view outcome_word(Outcome outcome) {
    constexpr std::array<std::string_view, 7> kWords{
        "written", "unchanged", "outranked", "cleared", "replaced", "ignored", "rejected"};
    return kWords[static_cast<std::size_t>(outcome)];
}

BatchReport apply_batch(CollectionStore& store, Writer& writer, std::vector<WorkItem> items,
                        const BatchOptions& options) {
    return Batch(store, std::move(items)).apply(writer, options);
}

BatchReport plan_batch(CollectionStore& store, std::vector<WorkItem> items) {
    return Batch(store, std::move(items)).plan();
}

}  // namespace hls::zarr
