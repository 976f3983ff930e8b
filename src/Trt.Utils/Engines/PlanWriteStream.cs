namespace Trt.Utils;

/// <summary>Where a build writes a plan to: the file, with its length and checksum on the way.</summary>
internal sealed class PlanWriteStream(AtomicFile file) : Stream
{
    private readonly PlanChecksum checksum = new();

    /// <summary>Why writing failed, whatever became of the exception in the build; null when it did not.</summary>
    public IOException? Failure { get; private set; }

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => checksum.Length;

    public override long Position
    {
        get => checksum.Length;
        set => throw new NotSupportedException("A plan is written from its beginning to its end.");
    }

    /// <summary>The checksum of all that was written; nothing can be written afterwards.</summary>
    public string Finish() => checksum.Finish();

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        try
        {
            file.Write(buffer);
        }
        catch (IOException error)
        {
            Failure = error;
            throw;
        }

        checksum.Append(buffer);
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void WriteByte(byte value) => Write([value]);

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Write(buffer.Span);
        return ValueTask.CompletedTask;
    }

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("A plan that is being written cannot be read.");

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException("A plan is written from its beginning to its end.");

    public override void SetLength(long value) => throw new NotSupportedException("A plan is written from its beginning to its end.");

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            checksum.Dispose();
        }

        base.Dispose(disposing);
    }
}
