using Trt.Interop.Cuda;

namespace Trt.Utils;

/// <summary>A thread that decodes files of batches into device memory, on a stream of its own.</summary>
internal abstract class JpegLane : IDisposable
{
    private readonly SemaphoreSlim work = new(0);
    private readonly ManualResetEventSlim finished = new(false);
    private readonly int[] taken;
    private readonly JpegKinds kinds;
    private readonly int least;
    private Thread? thread;
    private JpegBatch? batch;
    private CudaEvent? ready;

    /// <param name="device">The device.</param>
    /// <param name="most">Files at once, at most.</param>
    /// <param name="least">Files at once where there are as many.</param>
    /// <param name="kinds">What it decodes.</param>
    protected JpegLane(Device device, int most, int least, JpegKinds kinds)
    {
        Device = device;
        Stream = new CudaStream(device);
        Done = new CudaEvent(device, EventFlags.DisableTiming);
        taken = new int[most];
        this.least = least;
        this.kinds = kinds;
    }

    /// <summary>Reached when the lane's part of the latest batch is decoded.</summary>
    public CudaEvent Done { get; }

    protected Device Device { get; }

    protected CudaStream Stream { get; }

    /// <summary>Begins with a batch.</summary>
    /// <param name="files">The batch.</param>
    /// <param name="until">What the stream must wait for.</param>
    public void Begin(JpegBatch files, CudaEvent until)
    {
        (batch, ready) = (files, until);
        finished.Reset();
        if (thread is null)
        {
            thread = new Thread(Work) { IsBackground = true, Name = GetType().Name };
            thread.Start();
        }

        work.Release();
    }

    /// <summary>Waits until the lane has queued all of its part.</summary>
    public void Wait() => finished.Wait();

    public void Dispose()
    {
        batch = null;
        work.Release();
        thread?.Join();
        try
        {
            Stream.Synchronize();
            Release();
        }
        finally
        {
            Stream.Dispose();
            Done.Dispose();
            work.Dispose();
            finished.Dispose();
        }
    }

    /// <summary>Queues decoding of some files.</summary>
    protected abstract void Submit(JpegBatch files, ReadOnlySpan<int> indices);

    /// <summary>Frees what the lane has; the stream is idle.</summary>
    protected abstract void Release();

    private void Work()
    {
        Device.MakeCurrent(); // nvJPEG uses the thread's
        while (true)
        {
            work.Wait();
            if (batch is not { } files)
            {
                return;
            }

            try
            {
                Stream.Wait(ready!);
                while (files.Take(taken, kinds, least) is var count and > 0)
                {
                    Submit(files, taken.AsSpan(0, count));
                }
            }
            catch (Exception error)
            {
                files.Die(error);
            }

            try
            {
                Stream.Record(Done);
            }
            catch (Exception error)
            {
                files.Die(error);
            }

            finished.Set();
        }
    }
}
