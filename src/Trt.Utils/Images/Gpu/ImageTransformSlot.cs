using System.Runtime.InteropServices;
using Trt.Interop.Cuda;

namespace Trt.Utils;

/// <summary>Memory of one call of <see cref="ImageTransform"/>, used again when the device is done with it.</summary>
internal sealed unsafe class ImageTransformSlot(Device device) : IDisposable
{
    private readonly CudaEvent done = new(device, EventFlags.DisableTiming);
    private PinnedMemory<byte>? staging;
    private DeviceMemory<byte>? descriptors;
    private DeviceMemory<int>? workspace;
    private bool isUsed;

    /// <summary>The axes on the device.</summary>
    public nint Axes => descriptors!.Pointer;

    /// <summary>The pictures on the device, behind the axes.</summary>
    public nint Jobs { get; private set; }

    /// <summary>Weights on the device: made by it, or behind the pictures where the CPU made them.</summary>
    public nint Workspace { get; private set; }

    public int AxisCount { get; private set; }

    /// <summary>The most pixels of an axis.</summary>
    public int MostPixels { get; private set; }

    /// <summary>Describes the pictures and queues the copy of that; waits when the device is calls behind.</summary>
    public void Fill(ReadOnlySpan<DeviceImage> images, ImageTransformOptions options, CudaStream stream)
    {
        bool isNearest = options.Filter == ResizeFilter.Nearest;
        if (isUsed)
        {
            done.Synchronize();
            isUsed = false;
        }

        int jobsAt = images.Length * 2 * sizeof(ImageAxis);
        int placesAt = jobsAt + (images.Length * sizeof(ImageJob));
        int bytes = checked(placesAt + (isNearest ? images.Length * 3 * sizeof(int) * (options.Width + options.Height) : 0));
        if (staging is null || staging.Length < bytes)
        {
            Release(ref staging);
            Release(ref descriptors);
            staging = new PinnedMemory<byte>(bytes, device);
            descriptors = new DeviceMemory<byte>(bytes, device);
        }

        Span<ImageAxis> axes = MemoryMarshal.Cast<byte, ImageAxis>(staging.Span[..jobsAt]);
        Span<ImageJob> jobs = MemoryMarshal.Cast<byte, ImageJob>(staging.Span[jobsAt..placesAt]);
        Span<int> places = MemoryMarshal.Cast<byte, int>(staging.Span[placesAt..bytes]);
        int count = 0;
        int most = 0;
        long size = 0;
        for (int i = 0; i < images.Length; i++)
        {
            DeviceImage image = images[i];
            if (image.IsEmpty)
            {
                jobs[i] = default;
                continue;
            }

            image.Check(i);
            ImageWindow window = ImageWindow.For(options, image.Width, image.Height);
            ImageAxis columns = ImageAxis.For(image.Width, window.Width, window.Left, options.Width, options.Filter);
            ImageAxis rows = ImageAxis.For(image.Height, window.Height, window.Top, options.Height, options.Filter);

            // Pictures of one size, one after another, share their weights.
            if (count == 0 || !columns.HasWeightsOf(axes[count - 2]) || !rows.HasWeightsOf(axes[count - 1]))
            {
                columns.Start = size;
                rows.Start = size + columns.Size;
                size = rows.Start + rows.Size;
                axes[count] = columns;
                axes[count + 1] = rows;
                if (isNearest)
                {
                    columns.FillNearest(places);
                    rows.FillNearest(places);
                }

                count += 2;
                most = Math.Max(most, Math.Max(columns.Count, rows.Count));
            }

            jobs[i] = new ImageJob
            {
                Pixels = image.Pointer,
                Pitch = image.Pitch,
                Step = image.Step,
                Colour = image.Format == PixelFormat.Grey8 ? 0 : 1,
                Left = Math.Max(0, window.Left),
                Top = Math.Max(0, window.Top),
                Columns = count - 2,
                Rows = count - 1,
            };
        }

        if (count == 0)
        {
            axes[0] = default; // read by blocks of empty pictures
        }

        if (!isNearest && (workspace is null || workspace.Length < size))
        {
            Release(ref workspace);
            workspace = new DeviceMemory<int>(Math.Max(size, 1), device);
        }

        AxisCount = count;
        MostPixels = most;
        Jobs = descriptors!.Pointer + jobsAt;
        Workspace = isNearest ? descriptors.Pointer + placesAt : workspace!.Pointer;
        bytes = isNearest ? placesAt + ((int)size * sizeof(int)) : bytes;
        device.Api.Memory.CopyToDeviceAsync(device.Ordinal, descriptors.Pointer, staging.Pointer, (nuint)bytes, stream.Handle);
        isUsed = true;
    }

    /// <summary>Says that the call's work is queued.</summary>
    public void Queued(CudaStream stream) => stream.Record(done);

    public void Dispose()
    {
        if (isUsed)
        {
            done.Synchronize();
        }

        Release(ref staging);
        Release(ref descriptors);
        Release(ref workspace);
        done.Dispose();
    }

    private static void Release<T>(ref T? resource)
        where T : class, IDisposable
    {
        resource?.Dispose();
        resource = null;
    }
}
