// nvcc: --fmad=false
// Boxes of detectors: made of anchors and deltas, changed in form, suppressed where they overlap. The CPU's twin is BoxGeometry in C#.
#include "numbers.cuh"

enum Form // as BoxForm in C#
{
    Corners = 0,
    CentreAndSize = 1,
    CornerAndSize = 2,
};

enum Rotation // as BoxRotation in C#
{
    None = 0,
    Angle = 1,     // a fifth number, in radians
    SineCosine = 2 // a fifth and a sixth
};

__device__ __forceinline__ float least(float a, float b) { return a < b ? a : b; }

__device__ __forceinline__ float most(float a, float b) { return a > b ? a : b; }

// ---- forms ----

__device__ __forceinline__ void to_corners(float *box, int form)
{
    if (form == CentreAndSize)
    {
        float width = box[2] / 2, height = box[3] / 2;
        float x = box[0], y = box[1];
        box[0] = x - width;
        box[1] = y - height;
        box[2] = x + width;
        box[3] = y + height;
    }
    else if (form == CornerAndSize)
    {
        box[2] = box[2] + box[0];
        box[3] = box[3] + box[1];
    }
}

__device__ __forceinline__ void from_corners(float *box, int form)
{
    if (form == Corners)
    {
        return;
    }

    float width = box[2] - box[0], height = box[3] - box[1];
    if (form == CentreAndSize)
    {
        box[0] = (box[0] + box[2]) / 2;
        box[1] = (box[1] + box[3]) / 2;
    }

    box[2] = width;
    box[3] = height;
}

// Boxes of `numbers` numbers, of which the first four change. May be in place.
extern "C" __global__ void boxes_convert(const float *boxes, float *converted, long long count, int numbers, int from, int to)
{
    for (long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x; i < count; i += (long long)gridDim.x * blockDim.x)
    {
        float box[4];
        for (int n = 0; n < 4; n++)
        {
            box[n] = boxes[i * numbers + n];
        }

        to_corners(box, from);
        from_corners(box, to);
        for (int n = 0; n < numbers; n++)
        {
            converted[i * numbers + n] = n < 4 ? box[n] : boxes[i * numbers + n];
        }
    }
}

__device__ __forceinline__ float clamp_to(float value, float low, float high) { return value < low ? low : value > high ? high : value; }

extern "C" __global__ void boxes_clamp(float *boxes, long long count, int numbers, float right, float bottom)
{
    for (long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x; i < count; i += (long long)gridDim.x * blockDim.x)
    {
        float *box = boxes + i * numbers;
        box[0] = clamp_to(box[0], 0, right);
        box[1] = clamp_to(box[1], 0, bottom);
        box[2] = clamp_to(box[2], 0, right);
        box[3] = clamp_to(box[3], 0, bottom);
    }
}

// Rows of `width` numbers of four bytes at these places of each picture; zeros where the place is negative.
extern "C" __global__ void boxes_take(const u32 *rows, const int *places, u32 *taken, int count, int wanted, int width, int pictures)
{
    long long all = (long long)pictures * wanted * width;
    for (long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x; i < all; i += (long long)gridDim.x * blockDim.x)
    {
        long long row = i / width;
        int place = places[row];
        taken[i] = place < 0 || place >= count ? 0 : rows[(row / wanted * count + place) * width + i % width];
    }
}

// ---- anchors ----

// One level of a detector of the RetinaNet family. As AnchorDecoding.Level in C#.
struct Level
{
    int anchors, classes, height, width;
    int best;    // scores that were selected of each picture
    int first;   // where in a picture's boxes its own begin
    int slots;   // boxes of a picture, all levels together
    int rotated; // 0 or 1
    float stride, threshold;
};

// Boxes count both of their end pixels, anchors included. Arithmetic in double precision, results rounded to single.
extern "C" __global__ void anchors_decode(const float *values, const int *places, const float *deltas, const float *anchors, float *boxes, float *scores, int *classes, Level level)
{
    int picture = blockIdx.y;
    int area = level.height * level.width;
    int coordinates = level.rotated ? 6 : 4;
    for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < level.best; i += gridDim.x * blockDim.x)
    {
        u64 slot = (u64)picture * level.slots + level.first + i;
        float score = values[(u64)picture * level.best + i];
        float *box = boxes + slot * coordinates;
        if (!(score > level.threshold))
        {
            scores[slot] = 0;
            classes[slot] = 0;
            for (int n = 0; n < coordinates; n++)
            {
                box[n] = 0;
            }

            continue;
        }

        int index = places[(u64)picture * level.best + i];
        int place = index % area;
        int channel = index / area;
        int anchor = channel / level.classes;
        const float *corners = anchors + 4 * anchor;
        const float *moves = deltas + ((u64)picture * level.anchors + anchor) * coordinates * area + place;
        double width = (double)corners[2] - corners[0] + 1;
        double height = (double)corners[3] - corners[1] + 1;
        double x = corners[0] + place % level.width * (double)level.stride + width / 2 + moves[0] * width;
        double y = corners[1] + place / level.width * (double)level.stride + height / 2 + moves[area] * height;
        width = exponential((double)moves[2 * (u64)area]) * width;
        height = exponential((double)moves[3 * (u64)area]) * height;
        double left = x - width / 2, top = y - height / 2, right = x + width / 2 - 1, bottom = y + height / 2 - 1;
        double furthest = level.width * (double)level.stride - 1, lowest = level.height * (double)level.stride - 1;
        box[0] = (float)(left < 0 ? 0 : left);
        box[1] = (float)(top < 0 ? 0 : top);
        box[2] = (float)(right > furthest ? furthest : right);
        box[3] = (float)(bottom > lowest ? lowest : bottom);
        for (int n = 4; n < coordinates; n++)
        {
            box[n] = moves[n * (u64)area];
        }

        scores[slot] = score;
        classes[slot] = channel % level.classes;
    }
}

// ---- overlaps ----

// Intersection over union of upright boxes; `pixel` is 1 where both end pixels count, else 0.
__device__ __forceinline__ float overlap_of(const float *a, const float *b, float pixel)
{
    float width = least(a[2], b[2]) - most(a[0], b[0]) + pixel;
    float height = least(a[3], b[3]) - most(a[1], b[1]) + pixel;
    if (!(width > 0 && height > 0))
    {
        return 0;
    }

    float both = width * height;
    float first = (a[2] - a[0] + pixel) * (a[3] - a[1] + pixel);
    float second = (b[2] - b[0] + pixel) * (b[3] - b[1] + pixel);
    float quotient = both / (first + second - both);
    return quotient > 0 ? quotient : 0;
}

// A box about its middle.
struct Turned
{
    double x, y, halfWidth, halfHeight, sine, cosine;
};

__device__ __forceinline__ Turned turned(const float *box, int rotation)
{
    Turned result;
    result.halfWidth = ((double)box[2] - box[0]) / 2;
    result.halfHeight = ((double)box[3] - box[1]) / 2;
    result.x = ((double)box[0] + box[2]) / 2;
    result.y = ((double)box[1] + box[3]) / 2;
    if (rotation == Angle)
    {
        turn(box[4], &result.sine, &result.cosine);
        return result;
    }

    double s = box[4], c = box[5];
    double length = root(s * s + c * c);
    result.sine = length == 0 ? 0 : s / length;
    result.cosine = length == 0 ? 1 : c / length;
    return result;
}

__device__ __forceinline__ double within(double value, double bound) { return value < -bound ? -bound : value > bound ? bound : value; }

__device__ __forceinline__ double above(double value, double bound) { return value > bound ? value - bound : 0; }

// The integral over x of y kept within [-h, h], along the part of an edge that lies within [-w, w].
__device__ __forceinline__ double below_edge(double x0, double y0, double x1, double y1, double w, double h)
{
    double from = within(x0, w), to = within(x1, w);
    if (from == to)
    {
        return 0;
    }

    double slope = (y1 - y0) / (x1 - x0);
    double ya = from == x0 ? y0 : y0 + slope * (from - x0);
    double yb = to == x1 ? y1 : y0 + slope * (to - x0);
    double low = ya < yb ? ya : yb, high = ya < yb ? yb : ya;
    double lowest = within(low, h), highest = within(high, h);
    double mean = lowest;
    if (high > low)
    {
        double over = above(high, h) - above(low, h);
        double under = above(-low, h) - above(-high, h);
        mean = ((highest - lowest) * (highest + lowest) / 2 + over * h - under * h) / (high - low);
    }

    return (to - from) * mean;
}

// Intersection over union of turned boxes. The intersection is what lies below the other box's edges, each cut to this box, in whose frame they are:
// going round, what lies below the lower edges is taken away again.
__device__ __forceinline__ double overlap_of(const Turned *a, const Turned *b)
{
    double dx = b->x - a->x, dy = b->y - a->y;
    double reach = root(a->halfWidth * a->halfWidth + a->halfHeight * a->halfHeight) + root(b->halfWidth * b->halfWidth + b->halfHeight * b->halfHeight);
    if (!(dx * dx + dy * dy < reach * reach && a->halfWidth > 0 && a->halfHeight > 0 && b->halfWidth > 0 && b->halfHeight > 0))
    {
        return 0;
    }

    double x = dx * a->cosine + dy * a->sine;
    double y = dy * a->cosine - dx * a->sine;
    double cosine = b->cosine * a->cosine + b->sine * a->sine;
    double sine = b->sine * a->cosine - b->cosine * a->sine;
    double ux = b->halfWidth * cosine, uy = b->halfWidth * sine;
    double vx = b->halfHeight * sine, vy = b->halfHeight * cosine;
    double x0 = x - ux + vx, y0 = y - uy - vy;
    double x1 = x + ux + vx, y1 = y + uy - vy;
    double x2 = x + ux - vx, y2 = y + uy + vy;
    double x3 = x - ux - vx, y3 = y - uy + vy;
    double w = a->halfWidth, h = a->halfHeight;
    double both = below_edge(x2, y2, x3, y3, w, h) + below_edge(x3, y3, x0, y0, w, h) + below_edge(x0, y0, x1, y1, w, h) + below_edge(x1, y1, x2, y2, w, h);
    both = both < 0 ? -both : both;
    double quotient = both / (4 * (a->halfWidth * a->halfHeight + b->halfWidth * b->halfHeight) - both);
    return quotient > 0 ? quotient : 0;
}

extern "C" __global__ void boxes_overlaps(const float *one, const float *other, float *overlaps, long long count, int form, int rotation, float pixel)
{
    int numbers = 4 + rotation;
    for (long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x; i < count; i += (long long)gridDim.x * blockDim.x)
    {
        float a[6], b[6];
        for (int n = 0; n < numbers; n++)
        {
            a[n] = one[i * numbers + n];
            b[n] = other[i * numbers + n];
        }

        to_corners(a, form);
        to_corners(b, form);
        if (rotation == None)
        {
            overlaps[i] = overlap_of(a, b, pixel);
        }
        else
        {
            Turned first = turned(a, rotation), second = turned(b, rotation);
            overlaps[i] = (float)overlap_of(&first, &second);
        }
    }
}

// ---- suppression ----

const int Threads = 256;

// What suppression is told. As BoxSuppression.Task in C#.
struct Task
{
    int boxes;      // of a picture
    int candidates; // the most that are compared with each other
    int words;      // candidates / 64, rounded up
    int kept;       // the most that are kept
    int form, rotation, agnostic;
    float scoreThreshold, overlapThreshold, pixel;
};

extern "C" __global__ void nms_begin(int *counts)
{
    counts[blockIdx.x] = 0;
}

// Keys of the boxes whose score exceeds the threshold, in any order: gridDim.y is pictures. A threshold that is not a number lets all numbers pass.
extern "C" __global__ void nms_collect(const float *scores, u64 *keys, int *counts, Task task)
{
    __shared__ u32 found;
    __shared__ u32 base;
    int picture = blockIdx.y;
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (threadIdx.x == 0)
    {
        found = 0;
    }

    __syncthreads();
    float score = i < task.boxes ? scores[(u64)picture * task.boxes + i] : 0;
    bool is_candidate = i < task.boxes && score == score && !(score <= task.scoreThreshold);
    u32 slot = is_candidate ? atomicAdd(&found, 1u) : 0;
    __syncthreads();
    if (threadIdx.x == 0)
    {
        base = found == 0 ? 0 : atomicAdd((u32 *)counts + picture, found);
    }

    __syncthreads();
    if (is_candidate)
    {
        keys[(u64)picture * task.boxes + base + slot] = key_of(score, i);
    }
}

// A candidate's rank is the number of greater keys; its box goes there, ready to be compared.
extern "C" __global__ void nms_rank(const float *boxes, const int *classes, const u64 *keys, const int *counts, int *order, int *kinds, float *upright, Turned *rotated, Task task)
{
    __shared__ u64 tile[Threads];
    int picture = blockIdx.y;
    int count = counts[picture];
    int i = blockIdx.x * Threads + threadIdx.x;
    if (blockIdx.x * Threads >= count)
    {
        return;
    }

    keys += (u64)picture * task.boxes;
    u64 own = i < count ? keys[i] : 0;
    int rank = 0;
    for (int start = 0; start < count; start += Threads)
    {
        __syncthreads();
        tile[threadIdx.x] = start + (int)threadIdx.x < count ? keys[start + threadIdx.x] : 0;
        __syncthreads();
        for (int n = 0; n < Threads; n++)
        {
            rank += tile[n] > own;
        }
    }

    if (i >= count || rank >= task.candidates)
    {
        return;
    }

    int index = (int)~(u32)own;
    u64 at = (u64)picture * task.candidates + rank;
    u64 source = (u64)picture * task.boxes + index;
    order[at] = index;
    kinds[at] = task.agnostic ? 0 : classes[source];
    int numbers = 4 + task.rotation;
    float box[6];
    for (int n = 0; n < numbers; n++)
    {
        box[n] = boxes[source * numbers + n];
    }

    to_corners(box, task.form);
    if (task.rotation == None)
    {
        for (int n = 0; n < 4; n++)
        {
            upright[4 * at + n] = box[n];
        }
    }
    else
    {
        rotated[at] = turned(box, task.rotation);
    }
}

// Which of 64 later candidates each candidate would suppress: blocks of 64 threads; gridDim is words, words, pictures.
template <bool IsTurned>
__device__ __forceinline__ void mask(const int *counts, const int *kinds, const float *upright, const Turned *rotated, u64 *masks, const Task *task)
{
    __shared__ float corners[64 * 4];
    __shared__ Turned boxes[IsTurned ? 64 : 1];
    __shared__ int classes[64];
    int picture = blockIdx.z, row = blockIdx.y, column = blockIdx.x, thread = threadIdx.x;
    int count = counts[picture] < task->candidates ? counts[picture] : task->candidates;
    if (column < row || column * 64 >= count)
    {
        return;
    }

    u64 base = (u64)picture * task->candidates;
    int left = count - column * 64 < 64 ? count - column * 64 : 64;
    if (thread < left)
    {
        u64 at = base + column * 64 + thread;
        classes[thread] = kinds[at];
        if (IsTurned)
        {
            boxes[thread] = rotated[at];
        }
        else
        {
            for (int n = 0; n < 4; n++)
            {
                corners[4 * thread + n] = upright[4 * at + n];
            }
        }
    }

    __syncthreads();
    int candidate = row * 64 + thread;
    if (candidate >= count)
    {
        return;
    }

    u64 own = base + candidate;
    int kind = kinds[own];
    u64 bits = 0;
    Turned turned;
    float box[4];
    if (IsTurned)
    {
        turned = rotated[own];
    }
    else
    {
        for (int n = 0; n < 4; n++)
        {
            box[n] = upright[4 * own + n];
        }
    }

    for (int other = row == column ? thread + 1 : 0; other < left; other++)
    {
        if (classes[other] == kind)
        {
            bool overlaps = IsTurned ? overlap_of(&turned, &boxes[other]) > task->overlapThreshold : overlap_of(box, &corners[4 * other], task->pixel) > task->overlapThreshold;
            bits |= overlaps ? 1ull << other : 0;
        }
    }

    masks[own * task->words + column] = bits;
}

extern "C" __global__ void nms_mask_upright(const int *counts, const int *kinds, const float *upright, u64 *masks, Task task)
{
    mask<false>(counts, kinds, upright, 0, masks, &task);
}

extern "C" __global__ void nms_mask_rotated(const int *counts, const int *kinds, const Turned *rotated, u64 *masks, Task task)
{
    mask<true>(counts, kinds, 0, rotated, masks, &task);
}

// Goes through the candidates from the best on, 64 at a time: a block a picture.
extern "C" __global__ void nms_scan(const int *counts, const int *order, const u64 *masks, int *kept, int *keptCounts, Task task)
{
    __shared__ u64 removed[1024];
    __shared__ u64 own[64];
    __shared__ u64 alive;
    __shared__ int found;
    int picture = blockIdx.x, thread = threadIdx.x;
    int count = counts[picture] < task.candidates ? counts[picture] : task.candidates;
    int words = (count + 63) / 64;
    order += (u64)picture * task.candidates;
    masks += (u64)picture * task.candidates * task.words;
    kept += (u64)picture * task.kept;
    for (int i = thread; i < words; i += Threads)
    {
        removed[i] = 0;
    }

    if (thread == 0)
    {
        found = 0;
    }

    for (int word = 0; word < words; word++)
    {
        __syncthreads();
        if (found >= task.kept)
        {
            break;
        }

        int start = word * 64;
        int here = count - start < 64 ? count - start : 64;
        if (thread < here)
        {
            own[thread] = masks[(u64)(start + thread) * task.words + word];
        }

        __syncthreads();
        if (thread == 0)
        {
            u64 gone = removed[word];
            u64 stay = 0;
            int number = found;
            for (int i = 0; i < here && number < task.kept; i++)
            {
                if (!(gone >> i & 1))
                {
                    stay |= 1ull << i;
                    gone |= own[i];
                    kept[number++] = order[start + i];
                }
            }

            found = number;
            alive = stay;
        }

        __syncthreads();
        for (int later = word + 1 + thread; later < words; later += Threads)
        {
            u64 gone = removed[later];
            for (int i = 0; i < here; i++)
            {
                if (alive >> i & 1)
                {
                    gone |= masks[(u64)(start + i) * task.words + later];
                }
            }

            removed[later] = gone;
        }
    }

    __syncthreads();
    for (int i = found + thread; i < task.kept; i += Threads)
    {
        kept[i] = -1;
    }

    if (thread == 0)
    {
        keptCounts[picture] = found;
    }
}
