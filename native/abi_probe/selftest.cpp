// The probe against itself: its callers ask its objects, and both sides must have written down the same.
#include <cstdio>
#include <cstring>

#if defined(_WIN32)
#define PROBE_IMPORT extern "C" __declspec(dllimport)
#else
#define PROBE_IMPORT extern "C"
#endif

PROBE_IMPORT void probe_begin(int round);
PROBE_IMPORT void* probe_make(int release, int class_id);
PROBE_IMPORT void probe_call(int release, int class_id, int id, void* object);
PROBE_IMPORT void const* probe_self(int side, int id);
PROBE_IMPORT char const* probe_arguments(int side, int id);
PROBE_IMPORT char const* probe_results(int side, int id);
PROBE_IMPORT int const* probe_members(int release);

int main()
{
    char const* const names[] = {"TensorRT 8.6.1", "TensorRT 10.16", "TensorRT 11.1", "TensorRT-RTX 1.6"};
    int wrong = 0;
    for (int release = 0; release < 4; ++release)
    {
        int methods = 0;
        int shared = 0;
        for (int const* pair = probe_members(release); *pair >= 0; pair += 2)
        {
            ++methods;
            for (int round = 0; round < 3; ++round)
            {
                probe_begin(round);
                void* const object = probe_make(release, pair[0]);
                probe_call(release, pair[0], pair[1], object);
                if (!probe_self(0, pair[1]))
                {
                    ++shared; // another member leads to the same function, and has its record
                    continue;
                }
                char const* const sent = probe_arguments(1, pair[1]);
                char const* const got = probe_arguments(0, pair[1]);
                bool const unsized = std::strstr(got, "u:") != nullptr;
                char const* const answered = probe_results(0, pair[1]);
                char const* const received = probe_results(1, pair[1]);
                bool const failed = round == 2 && (std::strncmp(received, "false,", 6) == 0 || std::strncmp(received, "count -1,", 9) == 0);
                if (probe_self(0, pair[1]) != object || (!unsized && std::strcmp(sent, got) != 0) || (!failed && std::strcmp(answered, received) != 0))
                {
                    std::printf("%s, member %d of class %d, round %d: sent %s got %s answered %s received %s\n", names[release], pair[1], pair[0], round, sent, got, answered, received);
                    ++wrong;
                }
            }
        }
        std::printf("%s: %d methods called by C++ through the slots that C++ gave them; %d calls noted under another member\n", names[release], methods, shared);
    }
    return wrong == 0 ? 0 : 1;
}
