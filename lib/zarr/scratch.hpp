// SPDX-License-Identifier: Apache-2.0
// Memory for intermediate results, kept between uses and never set to zero; objects that threads
// take by turns. Internal to zarr.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <new>
#include <span>
#include <vector>

namespace hls::zarr {

class Scratch {
 public:
    // `bytes` of memory with any content; what take() gave before is no longer valid.
    std::span<std::byte> take(std::size_t bytes) {
        if (bytes > capacity_) {
            memory_.reset();  // first, so that old and new are not held together
            capacity_ = 0;
            memory_.reset(new (kAlignment) std::byte[bytes]);
            capacity_ = bytes;
        }
        return {memory_.get(), bytes};
    }

 private:
    // Of a page, so that results can be written without another copy.
    static constexpr std::align_val_t kAlignment{4096};
    struct Free {
        void operator()(std::byte* memory) const { ::operator delete[](memory, kAlignment); }
    };
    std::unique_ptr<std::byte[], Free> memory_;
    std::size_t capacity_ = 0;
};

// As many objects as threads use at the same time.
template <typename T>
class Pool {
 public:
    class Loan {
     public:
        Loan(Pool& pool, std::unique_ptr<T> object) : pool_(pool), object_(std::move(object)) {}
        ~Loan() {
            const std::lock_guard lock(pool_.mutex_);
            pool_.free_.push_back(std::move(object_));
        }
        Loan(const Loan&) = delete;
        Loan& operator=(const Loan&) = delete;
        T& operator*() const { return *object_; }
        T* operator->() const { return object_.get(); }

     private:
        Pool& pool_;
        std::unique_ptr<T> object_;
    };

    Loan take() {
        {
            const std::lock_guard lock(mutex_);
            if (!free_.empty()) {
                auto object = std::move(free_.back());
                free_.pop_back();
                return Loan(*this, std::move(object));
            }
            free_.reserve(++made_);  // so that giving back cannot fail
        }
        return Loan(*this, std::make_unique<T>());
    }

 private:
    std::mutex mutex_;
    std::vector<std::unique_ptr<T>> free_;
    std::size_t made_ = 0;
};

}  // namespace hls::zarr
