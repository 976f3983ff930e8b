// nvcc: --fmad=false
// Pictures of any sizes into one tensor: resize, place, look up the number of each pixel, in one pass over the output.
//
// Resampling is Pillow's: weights in fixed point with 22 bits, each row's sum rounded to a byte before the column's sum is taken. A sum of
// both kinds is formed for every pixel of the output, which touches each source pixel at most four times (twice a direction) and needs no
// memory in between. Doubles without fused multiply-add make the weights the same, to the bit, as those of the CPU.

typedef unsigned char byte;

const int Precision = 22;

// One axis of one picture. As ImageAxis in C#.
struct Axis
{
    int from;        // source pixels
    int to;          // pixels after resizing
    int first;       // the first of them that is seen
    int count;       // how many are seen
    int taps;        // room for weights of each
    int unused;
    long long start; // where in the workspace: count firsts, count lengths, then taps rows of count weights
};

// One picture. As ImageJob in C#.
struct Picture
{
    const byte *pixels;
    long long pitch;
    int step;   // bytes from pixel to pixel
    int colour; // 1: three channels, 0: one
    int left;   // where in the output the seen part begins
    int top;
    int columns; // which Axis
    int rows;
};

// The weights of bilinear resizing; those of the nearest pixel come from the CPU, for Pillow adds up its steps one after another.
extern "C" __global__ void image_weights(const Axis *axes, int *workspace, int antialiased)
{
    Axis axis = axes[blockIdx.y];
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= axis.count)
    {
        return;
    }

    int *firsts = workspace + axis.start;
    int *lengths = firsts + axis.count;
    int *weights = lengths + axis.count + i;
    double scale = (double)axis.from / axis.to;
    double support = antialiased && scale > 1 ? scale : 1;
    double shrink = 1 / support;
    double centre = (axis.first + i + 0.5) * scale;
    int low = (int)(centre - support + 0.5);
    low = low > 0 ? low : 0;
    int end = (int)(centre + support + 0.5);
    int length = (end < axis.from ? end : axis.from) - low;
    double sum = 0;
    for (int x = 0; x < length; x++)
    {
        double d = (x + low - centre + 0.5) * shrink;
        double value = 1 - (d < 0 ? -d : d);
        sum += value > 0 ? value : 0;
    }

    for (int x = 0; x < length; x++)
    {
        double d = (x + low - centre + 0.5) * shrink;
        double value = 1 - (d < 0 ? -d : d);
        value = value > 0 ? value : 0;
        value = sum == 0 ? value : value / sum;
        weights[(long long)x * axis.count] = (int)(value * (1 << Precision) + 0.5);
    }

    firsts[i] = low;
    lengths[i] = length;
}

static __device__ __forceinline__ int clip(int sum)
{
    int value = sum >> Precision;
    return value < 0 ? 0 : value > 255 ? 255 : value;
}

static __device__ __forceinline__ int grey(int red, int green, int blue)
{
    return (red * 19595 + green * 38470 + blue * 7471 + 0x8000) >> 16;
}

// Three channels of a row as three sums; ToGrey: as one, of the pixels made grey.
template <bool Colour, bool ToGrey>
static __device__ __forceinline__ void row_sums(const byte *pixel, int step, const int *weight, int stride, int length, int *sums)
{
    int first = 1 << (Precision - 1), second = first, third = first;
    for (int x = 0; x < length; x++, pixel += step, weight += stride)
    {
        int w = *weight;
        if (!Colour)
        {
            first += pixel[0] * w;
        }
        else if (ToGrey)
        {
            first += grey(pixel[0], pixel[1], pixel[2]) * w;
        }
        else
        {
            first += pixel[0] * w;
            second += pixel[1] * w;
            third += pixel[2] * w;
        }
    }

    sums[0] = clip(first);
    if (Colour && !ToGrey)
    {
        sums[1] = clip(second);
        sums[2] = clip(third);
    }
}

template <bool Colour, bool ToGrey>
static __device__ __forceinline__ void sample(const Picture &picture, const Axis &columns, const Axis &rows, const int *workspace, int x, int y, int *values)
{
    const int *ofColumns = workspace + columns.start;
    const int *ofRows = workspace + rows.start;
    int firstColumn = ofColumns[x], columnTaps = ofColumns[columns.count + x];
    int firstRow = ofRows[y], rowTaps = ofRows[rows.count + y];
    const int *columnWeights = ofColumns + 2 * columns.count + x;
    const int *rowWeight = ofRows + 2 * rows.count + y;
    const byte *pixel = picture.pixels + firstRow * picture.pitch + (long long)firstColumn * picture.step;
    int sums[3] = {1 << (Precision - 1), 1 << (Precision - 1), 1 << (Precision - 1)};
    for (int row = 0; row < rowTaps; row++, pixel += picture.pitch, rowWeight += rows.count)
    {
        int w = *rowWeight;
        int ofRow[3];
        row_sums<Colour, ToGrey>(pixel, picture.step, columnWeights, columns.count, columnTaps, ofRow);
        sums[0] += ofRow[0] * w;
        if (Colour && !ToGrey)
        {
            sums[1] += ofRow[1] * w;
            sums[2] += ofRow[2] * w;
        }
    }

    values[0] = clip(sums[0]);
    values[1] = Colour && !ToGrey ? clip(sums[1]) : values[0];
    values[2] = Colour && !ToGrey ? clip(sums[2]) : values[0];
}

// table: 256 numbers for each channel of the output, then one for each channel where there is no picture.
template <typename Element>
static __device__ __forceinline__ void transform(const Picture *pictures, const Axis *axes, const int *workspace, const Element *table, Element *output,
                                                 int width, int height, int channels, int reversed, int last)
{
    int x = blockIdx.x * blockDim.x + threadIdx.x;
    int y = blockIdx.y * blockDim.y + threadIdx.y;
    if (x >= width || y >= height)
    {
        return;
    }

    Picture picture = pictures[blockIdx.z];
    Axis columns = axes[picture.columns];
    Axis rows = axes[picture.rows];
    long long plane = (long long)width * height;
    Element *at = output + (long long)blockIdx.z * plane * channels;
    long long channelStep = last ? 1 : plane;
    at += ((long long)y * width + x) * (last ? channels : 1);
    int column = x - picture.left, row = y - picture.top;
    if (picture.pixels == 0 || column < 0 || row < 0 || column >= columns.count || row >= rows.count)
    {
        for (int channel = 0; channel < channels; channel++)
        {
            at[channel * channelStep] = table[256 * channels + channel];
        }

        return;
    }

    int values[3];
    if (picture.colour == 0)
    {
        sample<false, false>(picture, columns, rows, workspace, column, row, values);
    }
    else if (channels == 1)
    {
        sample<true, true>(picture, columns, rows, workspace, column, row, values);
    }
    else
    {
        sample<true, false>(picture, columns, rows, workspace, column, row, values);
    }

    if (channels == 1)
    {
        at[0] = table[values[0]];
        return;
    }

    at[0] = table[reversed ? values[2] : values[0]];
    at[channelStep] = table[256 + values[1]];
    at[2 * channelStep] = table[512 + (reversed ? values[0] : values[2])];
}

#define TRANSFORM(name, Element)                                                                                                       \
    extern "C" __global__ void name(const Picture *pictures, const Axis *axes, const int *workspace, const Element *table, Element *output, \
                                    int width, int height, int channels, int reversed, int last)                                       \
    {                                                                                                                                  \
        transform<Element>(pictures, axes, workspace, table, output, width, height, channels, reversed, last);                         \
    }

TRANSFORM(image_transform_8, byte)
TRANSFORM(image_transform_16, unsigned short)
TRANSFORM(image_transform_32, unsigned int)
