// SPDX-License-Identifier: Apache-2.0
// A transaction as the tool makes them, for tests that disturb it: it replaces, adds and removes
// objects of all phases.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "zarr/transaction.hpp"

namespace hls::zarr {

inline Bytes bytes_of(std::string_view text) {
    const auto* data = reinterpret_cast<const std::byte*>(text.data());
    return {data, data + text.size()};
}

// Step after step. The state's property "step" says which was committed last.
inline void commit_three_slots(Writer& writer, StoreAccess access, int step) {
    OwnerLocks rows(writer, {"r1/0", "r1/1", "r1/2"});
    StoreTransaction transaction(writer, access);
    const std::string text = "step " + std::to_string(step);
    for (const char* key : {"a/c/0", "a/c/1", "b/c/2"})
        transaction.put(Phase::data, key, bytes_of(text + key));
    transaction.put(Phase::data, "new/" + std::to_string(step), bytes_of(text));
    if (step > 0) transaction.remove(Phase::data, "new/" + std::to_string(step - 1));
    OwnerLocks publish(writer, {kPublishLock});
    recover(writer, access);
    transaction.put(Phase::coordinates, "time/c/0", bytes_of("time" + text));
    transaction.put(Phase::shapes, "a/zarr.json", bytes_of("shape" + text));
    transaction.put(Phase::consolidated, "zarr.json", bytes_of("root" + text));
    transaction.commit({&rows}, 3,
                       [&] { writer.state().set_property("step", std::to_string(step)); });
}

// Key -> content of a store in a folder.
inline std::map<std::string, std::string> content_of_store(const std::filesystem::path& root) {
    std::map<std::string, std::string> objects;
    LocalStore store(root);
    for (const auto& object : store.list("")) {
        Bytes data;
        store.get(object.key, data);
        objects[object.key] = {reinterpret_cast<const char*>(data.data()), data.size()};
    }
    return objects;
}

// A store, its state and a writer.
struct ThreeSlotSession {
    ThreeSlotSession(const std::filesystem::path& root, FileCalls& calls, LeaseOptions lease = {})
        : state(root / "s.zarr.hls-state", StateFolder::Open::create),
          store(root / "s.zarr", state.staging(), calls),
          writer(state, "test", lease),
          access{store, &store, DurableFiles(calls)} {}
    StateFolder state;
    LocalStore store;
    Writer writer;
    StoreAccess access;
};

}  // namespace hls::zarr
