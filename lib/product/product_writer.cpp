// SPDX-License-Identifier: Apache-2.0
#include "product/product_writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <optional>
#include <utility>

#include "core/error.hpp"
#include "core/parallel.hpp"
#include "fs/digest.hpp"
#include "io/cog.hpp"
#include "io/jpeg.hpp"
#include "product/browse.hpp"
#include "product/gibs.hpp"
#include "product/layers.hpp"
#include "product/outline.hpp"
#include "product/product_folder.hpp"
#include "product/product_metadata.hpp"
#include "product/tags.hpp"
#include "product/vegetation_indices.hpp"

namespace hls::product {
