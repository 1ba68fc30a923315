// SPDX-License-Identifier: Apache-2.0
// Facts of published products, as tiling would fill them in, and where to find the real files.
#pragma once

#include <cstdlib>
#include <filesystem>

#include "product/product_info.hpp"

namespace hls::product {

inline std::filesystem::path published(const std::string& name) {
    const char* data = std::getenv("HLS_TEST_DATA");
    return std::filesystem::path(data == nullptr ? "../shared/data" : data) / "hls" / name;
}

// HLS.L30.T19LBJ.2020239T144556.v2.0, of one scene.
inline ProductInfo landsat_case() {
    ProductInfo info;
    info.id = *granule::parse_hls_id("HLS.L30.T19LBJ.2020239T144556.v2.0");
    info.grid = {3660, 3660, 199980, -1099980, 30, 32619};
    info.spatial_coverage = 3;
    info.cloud_coverage = 2;
    info.mean_sun_azimuth_deg = 55.8407241199381;
    info.mean_sun_zenith_deg = 36.0643519447696;
    info.mean_view_azimuth_deg = 98.5038456578886;
    info.mean_view_zenith_deg = 7.92608660639028;
    info.nbar_solar_zenith_deg = 33.7190814050822;
    info.processing_time = parse_utc("2021-09-04T00:47:56Z");
    LandsatSource scene;
    scene.product_id = "LC08_L1TP_003067_20200826_20200905_02_T1";
    scene.scene_id = "LC80030672020239LGN00";
    scene.sensing_time = "2020-08-26T14:45:56.7059220Z";
    scene.l1_processing_time = "2020-09-05T21:52:44Z";
    scene.processing_level = "L1TP";
    scene.sensor = "OLI_TIRS";
    scene.tirs_ssm_model = "FINAL";
    scene.tirs_ssm_position_status = "ESTIMATED";
    scene.usgs_software = "LPGS_15.3.1";
    scene.accode = "Lasrc";
    scene.utm_zone = 19;
    info.source = std::vector<LandsatSource>{scene};
    return info;
}

// HLS.L30.T15UXP.2024283T165135.v2.0, of two scenes.
inline ProductInfo two_scene_case() {
    ProductInfo info;
    info.id = *granule::parse_hls_id("HLS.L30.T15UXP.2024283T165135.v2.0");
    info.grid = {3660, 3660, 600000, 5400000, 30, 32615};
    info.spatial_coverage = 100;
    info.cloud_coverage = 0;
    info.mean_sun_azimuth_deg = 162.337983710331;
    info.mean_sun_zenith_deg = 56.3862044745934;
    info.mean_view_azimuth_deg = 152.23485423642;
    info.mean_view_zenith_deg = 2.94285961509757;
    info.nbar_solar_zenith_deg = 55.9504592444556;
    info.processing_time = parse_utc("2024-10-11T01:34:04Z");
    LandsatSource scene;
    scene.product_id = "LC08_L1TP_026026_20241009_20241009_02_RT";
    scene.scene_id = "LC80260262024283LGN00";
    scene.sensing_time = "2024-10-09T16:51:35.0114629Z";
    scene.l1_processing_time = "2024-10-09T19:19:34Z";
    scene.processing_level = "L1TP";
    scene.sensor = "OLI_TIRS";
    scene.tirs_ssm_model = "PRELIMINARY";
    scene.tirs_ssm_position_status = "ESTIMATED";
    scene.usgs_software = "LPGS_16.4.0";
    scene.accode = "Lasrc";
    scene.utm_zone = 15;
    LandsatSource second = scene;
    second.product_id = "LC08_L1TP_026027_20241009_20241009_02_RT";
    second.scene_id = "LC80260272024283LGN00";
    second.sensing_time = "2024-10-09T16:51:58.9025040Z";
    second.l1_processing_time = "2024-10-09T19:18:50Z";
    info.source = std::vector<LandsatSource>{scene, second};
    return info;
}

// HLS.S30.T35VLJ.2021168T100559.v2.0.
inline ProductInfo sentinel2_case() {
    ProductInfo info;
    info.id = *granule::parse_hls_id("HLS.S30.T35VLJ.2021168T100559.v2.0");
    info.grid = {3660, 3660, 300000, 6900000, 30, 32635};
    info.spatial_coverage = 7;
    info.cloud_coverage = 53;
    info.mean_sun_azimuth_deg = 174.790559127378;
    info.mean_sun_zenith_deg = 38.6735502670867;
    info.mean_view_azimuth_deg = 300.08037731536;
    info.mean_view_zenith_deg = 11.1410134885494;
    info.nbar_solar_zenith_deg = 38.8785678533007;
    info.processing_time = parse_utc("2022-01-08T02:34:59Z");
    Sentinel2Source source;
    source.product_uri = "S2B_MSIL1C_20210617T100559_N0300_R022_T35VLJ_20210617T121634.SAFE";
    source.tile_id = "S2B_OPER_MSI_L1C_TL_VGS2_20210617T121634_A022356_T35VLJ_N03.00";
    source.datastrip_id = "S2B_OPER_MSI_L1C_DS_VGS2_20210617T121634_S20210617T101301_N03.00";
    source.sensing_time = "2021-06-17T10:13:17.089943Z";
    source.l1_processing_time = "2021-06-17T13:02:35.467986Z";
    source.processing_baseline = "03.00";
    source.spacecraft = "Sentinel-2B";
    source.accode = "LaSRC";
    source.bandpass = {{"01", 0.9959, -0.0002}, {"02", 0.9778, -0.0040}, {"03", 1.0075, -0.0008},
                       {"04", 0.9761, 0.0010},  {"11", 1.0000, -0.0003}, {"12", 0.9867, 0.0004},
                       {"8a", 0.9966, 0.0000}};
    info.source = source;
    return info;
}

}  // namespace hls::product
