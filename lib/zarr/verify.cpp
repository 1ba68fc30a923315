// SPDX-License-Identifier: Apache-2.0
// Whether a store is whole: metadata, coordinates, keys, and (deep) every object.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <mutex>
#include <tuple>

#include "core/error.hpp"
#include "core/parallel.hpp"
#include "zarr/array.hpp"
#include "zarr/inspect.hpp"
#include "zarr/scratch.hpp"

namespace hls::zarr {
namespace {

// Faults from several threads.
class Faults {
 public:
    void add(std::string kind, std::string key, std::string message) {
        const std::lock_guard lock(mutex_);
        faults_.push_back({std::move(kind), std::move(key), std::move(message)});
    }
    std::vector<StoreFault> sorted() {
        std::sort(faults_.begin(), faults_.end(), [](const StoreFault& a, const StoreFault& b) {
            return std::tie(a.key, a.kind, a.message) < std::tie(b.key, b.kind, b.message);
        });
        return std::move(faults_);
    }

 private:
    std::mutex mutex_;
    std::vector<StoreFault> faults_;
};

// Dimensions of one name in one group have one length.
void check_dimensions(const Hierarchy& hierarchy, Faults& faults) {
    struct First {
        std::uint64_t size;
        std::string array;
    };
    std::map<std::string, First> known;
    for (const auto& [path, node] : hierarchy.nodes) {
        const auto* array = std::get_if<ArrayMetadata>(&node);
        if (array == nullptr || !array->dimensions) continue;
        const auto slash = path.rfind('/');
        const auto group = slash == std::string::npos ? "" : path.substr(0, slash + 1);
        for (std::size_t d = 0; d < array->shape.size(); ++d) {
            const auto& name = (*array->dimensions)[d];
            if (name.empty()) continue;
            const auto [entry, added] =
                known.try_emplace(group + name, First{array->shape[d], path});
            if (!added && entry->second.size != array->shape[d])
                faults.add("dimension", path,
                           fmt::format("dimension {} has {} elements, but {} in {}", name,
                                       array->shape[d], entry->second.size, entry->second.array));
        }
    }
}

void check_increasing(const ObjectStore& store, const Array& array, bool repeats, Faults& faults) {
    try {
        const auto elements = array.read(store, array.whole());
        const auto width = array.metadata().type.bytes;
        double previous = -HUGE_VAL;
        for (std::size_t i = 0; i * width < elements.size(); ++i) {
            const double value = element_to_double(array.metadata().type,
                                                   ByteView(elements).subspan(i * width, width));
            if (!(value > previous) && !(repeats && value == previous))
                return faults.add("time_order", array.path(),
                                  fmt::format("element {} ({}) is not above the one before it ({})",
                                              i, value, previous));
            previous = value;
        }
    } catch (const Error& error) {
        faults.add("undecodable", array.path(), error.message);
    }
}

bool is_metadata_name(std::string_view name, int format) {
    if (format == 3) return name == "zarr.json";
    return name == ".zarray" || name == ".zgroup" || name == ".zattrs" || name == ".zmetadata";
}

// An object of the store, and the array and chunk it is, if any.
struct ChunkObject {
    ObjectInfo info;
    const Array* array = nullptr;
    Shape chunk;
};

class StoreCheck {
 public:
    StoreCheck(const ObjectStore& store, const VerifyOptions& options)
        : store_(store), options_(options) {}

    VerifyReport run() {
        const auto hierarchy = read_metadata();
        if (!hierarchy) return report();
        check_dimensions(*hierarchy, faults_);
        for (const auto& [path, node] : hierarchy->nodes)
            if (const auto* array = std::get_if<ArrayMetadata>(&node))
                arrays_.emplace(path, Array(path, *array));
        report_.arrays = arrays_.size();
        const auto objects = chunk_objects(*hierarchy);
        if (options_.deep) decode_all(objects);
        for (const auto& name : options_.increasing)
            if (const auto found = arrays_.find(name); found != arrays_.end())
                check_increasing(store_, found->second, options_.repeats, faults_);
        return report();
    }

 private:
    VerifyReport report() {
        report_.faults = faults_.sorted();
        return std::move(report_);
    }

    std::optional<Hierarchy> read_metadata() {
        try {
            auto hierarchy = read_hierarchy(store_, MetadataSource::nodes);
            try {
                for (auto& fault : compare_consolidated(store_))
                    faults_.add("consolidated", hierarchy.format == 3 ? "zarr.json" : ".zmetadata",
                                std::move(fault));
            } catch (const Error& error) {
                if (error.code != Exit::bad_input) throw;
                faults_.add("consolidated", hierarchy.format == 3 ? "zarr.json" : ".zmetadata",
                            error.message);
            }
            return hierarchy;
        } catch (const Error& error) {
            if (error.code != Exit::bad_input) throw;
            faults_.add("metadata", "", error.message);
            return std::nullopt;
        }
    }

    // The array that owns a key: the longest path that is a prefix.
    const Array* owner_of(std::string_view key) const {
        while (true) {
            const auto slash = key.rfind('/');
            key = slash == std::string_view::npos ? std::string_view() : key.substr(0, slash);
            const auto found = arrays_.find(std::string(key));
            if (found != arrays_.end()) return &found->second;
            if (key.empty()) return nullptr;
        }
    }

    bool known_document(const Hierarchy& hierarchy, const std::string& key) const {
        const auto slash = key.rfind('/');
        const auto path = slash == std::string::npos ? "" : key.substr(0, slash);
        const auto name = slash == std::string::npos ? key : key.substr(slash + 1);
        return is_metadata_name(name, hierarchy.format) && hierarchy.nodes.contains(path);
    }

    std::vector<ChunkObject> chunk_objects(const Hierarchy& hierarchy) {
        std::vector<ChunkObject> objects;
        for (auto& info : store_.list("")) {
            if (known_document(hierarchy, info.key)) continue;
            const Array* array = owner_of(info.key);
            const auto chunk = array == nullptr ? std::nullopt : chunk_of(*array, info.key);
            if (!chunk) {
                faults_.add("foreign", info.key, "belongs to no array of the store");
                continue;
            }
            if (!inside(*array, *chunk)) {
                faults_.add("outside", info.key, "lies outside the grid of its array");
                continue;
            }
            ++report_.objects;
            report_.bytes += info.bytes;
            objects.push_back({std::move(info), array, *chunk});
        }
        return objects;
    }

    static std::optional<Shape> chunk_of(const Array& array, const std::string& key) {
        const auto prefix = array.path().empty() ? 0 : array.path().size() + 1;
        return parse_chunk_key(array.metadata().keys, array.metadata().shape.size(),
                               std::string_view(key).substr(prefix));
    }

    static bool inside(const Array& array, const Shape& chunk) {
        const auto grid = grid_shape(array.metadata().shape, array.metadata().chunk_shape);
        for (std::size_t d = 0; d < chunk.size(); ++d)
            if (chunk[d] >= grid[d]) return false;
        return true;
    }

    struct Buffers {
        Bytes object;
        Bytes elements;
        CodecBuffers codec;
    };

    void decode_all(const std::vector<ChunkObject>& objects) {
        Pool<Buffers> pool;
        parallel_for(objects.size(), options_.threads, [&](std::size_t i) {
            const auto buffers = pool.take();
            const auto& codec = objects[i].array->codec();
            try {
                if (!store_.get(objects[i].info.key, buffers->object, codec.max_encoded_bytes()))
                    return;  // removed since it was listed
                if (codec.layout().type.kind == TypeKind::variable_text) {
                    codec.decode_text(buffers->object, buffers->codec);
                    return;
                }
                buffers->elements.resize(codec.decoded_bytes());
                codec.decode(buffers->object, buffers->elements, buffers->codec);
            } catch (const Error& error) {
                if (error.code != Exit::bad_input) throw;
                faults_.add("undecodable", objects[i].info.key, error.message);
            }
        });
    }

    const ObjectStore& store_;
    const VerifyOptions& options_;
    Faults faults_;
    VerifyReport report_;
    std::map<std::string, Array> arrays_;
};

}  // namespace

JsonValue fault_document(const StoreFault& fault) {
    return JsonObject{{"fault", fault.kind}, {"key", fault.key}, {"message", fault.message}};
}

VerifyReport verify_store(const ObjectStore& store, const VerifyOptions& options) {
    return StoreCheck(store, options).run();
}

}  // namespace hls::zarr
