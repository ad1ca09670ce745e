// consumer.cpp - a look at another process, in C++: consumer PID
#include <chrono>
#include <iostream>
#include <memc/memc.h>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>

struct destroy {
    void operator()(memc_snapshot *snap) const
    {
        memc_snapshot_destroy(snap);
    }
};
using snapshot = std::unique_ptr<memc_snapshot, destroy>;

static std::runtime_error error_of(const memc_error &err)
{
    std::string text(memc_error_text(&err, nullptr, 0) + 1, '\0');
    memc_error_text(&err, &text[0], text.size());
    text.pop_back(); // the final NUL
    return std::runtime_error(text);
}

static snapshot collect(int32_t pid, memc_detail detail)
{
    memc_options options{};
    memc_snapshot *snap;
    memc_error err;
    options.detail = detail;
    if (memc_collect(pid, &options, &snap, &err) < 0)
        throw error_of(err);
    return snapshot(snap);
}

static snapshot parse(const std::string &text)
{
    memc_snapshot *snap;
    memc_error err;
    if (memc_parse(text.data(), text.size(), &snap, &err) < 0)
        throw error_of(err);
    return snapshot(snap);
}

static std::string json_of(const snapshot &snap)
{
    std::string json;
    memc_error err;
    auto append = [](void *to, const char *bytes, size_t len) {
        static_cast<std::string *>(to)->append(bytes, len);
        return 0;
    };
    if (memc_snapshot_json(snap.get(), nullptr, append, &json, &err) < 0)
        throw error_of(err);
    return json;
}

int main(int argc, char **argv)
{
    std::cout << "memc " << MEMC_VERSION_STRING << std::endl;
    try {
        parse("00400000-00401000 r-xp 00000000 08:02 17 /bin/cat\nRss: many kB\n");
    } catch (const std::runtime_error &error) {
        std::cerr << "consumer: " << error.what() << std::endl;
    }
    try {
        int32_t pid = argc > 1 ? std::stoi(argv[1]) : 0;
        std::cout << json_of(collect(pid, MEMC_DETAIL_SMAPS)) << std::endl;
        for (int i = 0; i < 3; i++) {
            memc_info info = memc_snapshot_info(collect(pid, MEMC_DETAIL_MAPS).get());
            std::cout << info.total_rss_kb << " kB resident, " << info.rows
                      << " regions" << std::endl;
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
    } catch (const std::exception &error) {
        std::cerr << "consumer: " << error.what() << std::endl;
        return 1;
    }
}
