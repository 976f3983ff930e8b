#include "probe.hpp"
#include <cstdio>
#include <cstdlib>
#include <map>
#include <unordered_map>

#if defined(_WIN32)
#define PROBE_EXPORT extern "C" __declspec(dllexport)
#else
#define PROBE_EXPORT extern "C" __attribute__((visibility("default")))
#endif

namespace
{
struct Functions
{
    void* (*make)(int);
    void (*call)(int, int, void*);
    void (*destroy)(int, void*);
    void (*layouts)(probe::Layouts&);
    int const* members;
};

Functions releases[4];
int current_round = 0;

std::unordered_map<int, probe::Record>& records(int side)
{
    static std::unordered_map<int, probe::Record> kept[2];
    return kept[side];
}

std::unordered_map<void const*, int>& deletions()
{
    static std::unordered_map<void const*, int> counts;
    return counts;
}
}

namespace probe
{
int round() { return current_round; }

Record& record(int side, int id) { return records(side)[id]; }

void deleted(void* object) { ++deletions()[object]; }

void unreachable(char const* function)
{
    std::fprintf(stderr, "abi probe: %s was called, which no public method leads to\n", function);
    std::abort();
}

char const* text(int seed)
{
    static std::map<int, std::string> texts;
    std::string& kept = texts[seed];
    if (kept.empty()) kept = "t\xC3\xA9xt " + std::to_string(seed);
    return kept.c_str();
}

Rec::Rec(int side, void const* self, int id) : kept(record(side, id)), out(&kept.arguments), id(id & 0x7FFF)
{
    kept.self = self;
    kept.arguments.clear();
    kept.results.clear();
}

void Rec::a(void const* value)
{
    char buffer[32];
    std::snprintf(buffer, sizeof buffer, "%llx", static_cast<unsigned long long>(reinterpret_cast<uintptr_t>(value)));
    put(buffer);
}

Release::Release(int index, void* (*make)(int), void (*call)(int, int, void*), void (*destroy)(int, void*), void (*layouts)(Layouts&), int const* members)
{
    releases[index] = {make, call, destroy, layouts, members};
}
}

// One thread at a time: the caller sees to it.
PROBE_EXPORT void probe_begin(int round)
{
    current_round = round;
    records(0).clear();
    records(1).clear();
}

PROBE_EXPORT void* probe_make(int release, int class_id) { return releases[release].make(class_id); }

PROBE_EXPORT void probe_call(int release, int class_id, int id, void* object) { releases[release].call(class_id, id, object); }

PROBE_EXPORT void probe_delete(int release, int class_id, void* object) { releases[release].destroy(class_id, object); }

PROBE_EXPORT int probe_deletions(void const* object)
{
    auto const found = deletions().find(object);
    return found == deletions().end() ? 0 : found->second;
}

PROBE_EXPORT void const* probe_self(int side, int id)
{
    auto const found = records(side).find(id);
    return found == records(side).end() ? nullptr : found->second.self;
}

PROBE_EXPORT char const* probe_arguments(int side, int id) { return probe::record(side, id).arguments.c_str(); }

PROBE_EXPORT char const* probe_results(int side, int id) { return probe::record(side, id).results.c_str(); }

/// Class and member, and so on, ended by -1.
PROBE_EXPORT int const* probe_members(int release) { return releases[release].members; }

PROBE_EXPORT char const* probe_layouts(int release)
{
    static std::string kept[4];
    probe::Layouts layouts;
    releases[release].layouts(layouts);
    kept[release] = layouts.lines;
    return kept[release].c_str();
}
