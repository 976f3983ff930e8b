namespace Trt.Interop.Cuda;

/// <summary>One operation in a host stream: a plain value, so that queueing one allocates nothing.</summary>
internal unsafe struct HostOperation
{
    internal HostOperationKind Kind;
    private byte patternBytes;
    private uint pattern;
    private nint first;
    private nint second;
    private long amount;
    private object? target;
    private object? state;

    /// <summary>Whether it also runs in a stream that has failed: what others wait for, and what gives memory back.</summary>
    internal readonly bool RunsAfterFailure => Kind is HostOperationKind.Record or HostOperationKind.Wait or HostOperationKind.Free or HostOperationKind.Return;

    internal static HostOperation Copy(nint destination, nint source, nuint bytes) =>
        new() { Kind = HostOperationKind.Copy, first = destination, second = source, amount = (long)bytes };

    internal static HostOperation Fill(nint destination, uint pattern, int patternBytes, nuint count) =>
        new() { Kind = HostOperationKind.Fill, first = destination, pattern = pattern, patternBytes = (byte)patternBytes, amount = (long)count };

    internal static HostOperation Managed(Action<object?> work, object? state) =>
        new() { Kind = HostOperationKind.Managed, target = work, state = state };

    internal static HostOperation Native(delegate* unmanaged<nint, void> function, nint state) =>
        new() { Kind = HostOperationKind.Native, first = (nint)function, second = state };

    internal static HostOperation Graph(HostOperation[] operations) =>
        new() { Kind = HostOperationKind.Graph, target = operations };

    internal static HostOperation Free(nint pointer) =>
        new() { Kind = HostOperationKind.Free, first = pointer };

    internal static HostOperation Return(HostPool pool, nint pointer, nuint bytes) =>
        new() { Kind = HostOperationKind.Return, target = pool, first = pointer, amount = (long)bytes };

    internal static HostOperation Record(HostEvent marked, long ticket) =>
        new() { Kind = HostOperationKind.Record, target = marked, amount = ticket };

    internal static HostOperation Wait(HostEvent marked, long ticket) =>
        new() { Kind = HostOperationKind.Wait, target = marked, amount = ticket };

    /// <summary>Does it. Events take and give the stream's failure, so that what depends on failed work does not run either.</summary>
    internal readonly void Run(HostStream stream)
    {
        switch (Kind)
        {
            case HostOperationKind.Copy:
                Buffer.MemoryCopy((void*)second, (void*)first, amount, amount);
                break;
            case HostOperationKind.Fill:
                RunFill();
                break;
            case HostOperationKind.Managed:
                ((Action<object?>)target!)(state);
                break;
            case HostOperationKind.Native:
                ((delegate* unmanaged<nint, void>)first)(second);
                break;
            case HostOperationKind.Graph:
                foreach (ref readonly HostOperation operation in ((HostOperation[])target!).AsSpan())
                {
                    operation.Run(stream);
                }

                break;
            case HostOperationKind.Free:
                HostDevice.Release(first);
                break;
            case HostOperationKind.Return:
                ((HostPool)target!).Return(first, (nuint)amount);
                break;
            case HostOperationKind.Record:
                ((HostEvent)target!).Reach(amount, stream.Failure);
                break;
            case HostOperationKind.Wait:
                stream.TakeOver(((HostEvent)target!).WaitFor(amount));
                break;
        }
    }

    private readonly void RunFill()
    {
        const int Chunk = 1 << 28;
        byte* at = (byte*)first;
        for (long left = amount; left > 0; left -= Chunk)
        {
            int count = (int)Math.Min(left, Chunk);
            switch (patternBytes)
            {
                case 1:
                    new Span<byte>(at, count).Fill((byte)pattern);
                    break;
                case 2:
                    new Span<ushort>(at, count).Fill((ushort)pattern);
                    break;
                default:
                    new Span<uint>(at, count).Fill(pattern);
                    break;
            }

            at += (long)Chunk * patternBytes;
        }
    }
}
