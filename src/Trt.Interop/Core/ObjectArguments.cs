namespace Trt.Interop.Core;

/// <summary>The objects that one call passes: their addresses, and what holds them until the call is over.</summary>
internal ref struct ObjectArguments(NativeObject receiver)
{
    private readonly int lent = CallState.Current.LentCount;
    private Stub? first;
    private List<Stub>? more;

    /// <summary>The address of an object that must be there.</summary>
    /// <exception cref="ArgumentNullException">It is null.</exception>
    public unsafe void* Required(object? value, int classId, string name)
    {
        ArgumentNullException.ThrowIfNull(value, name);
        return Optional(value, classId, name);
    }

    /// <summary>The address of an object, or null.</summary>
    /// <exception cref="ArgumentException">The object is another library's.</exception>
    /// <exception cref="NotSupportedException">A callback for an object of a runtime that another release's code is behind.</exception>
    public unsafe void* Optional(object? value, int classId, string name)
    {
        switch (value)
        {
            case null:
                return null;
            case NativeObject native when native.Library == receiver.Library:
                return native.Address;
            case NativeObject native:
                throw new ArgumentException($"This {ClassTable.NameOf(classId)} belongs to {native.Library}, but {receiver.Library} was asked. Objects of two libraries cannot be mixed.", name);
        }

        if (!receiver.Library.TakesManaged(value, classId))
        {
            throw new ArgumentException($"This {ClassTable.NameOf(classId)} is not an object of {receiver.Library}. Objects of two libraries cannot be mixed.", name);
        }

        if (receiver.IsOfLoadedRuntime)
        {
            // Seen with 8.6's lean runtime under 10.16: the old code calls a 10.x object by 8.6's slots, and the process ends.
            throw new NotSupportedException($"A managed {ClassTable.NameOf(classId)} cannot be given to an object that came from IRuntime.LoadRuntime: the runtime behind it may be of a release that calls it by other slots. Load that runtime's library itself with TensorRt.Load, and use its objects.");
        }

        object callback = value switch
        {
            ILogger logger when classId == ClassId.ILogger => RecordingLogger.For(logger),
            IErrorRecorder recorder when classId == ClassId.IErrorRecorder => RecordingErrorRecorder.For(recorder),
            IStreamReader reader when classId == ClassId.IStreamReader => FillingStreamReader.For(reader),
            IStreamReaderV2 reader when classId == ClassId.IStreamReaderV2 => FillingStreamReaderV2.For(reader),
            _ => value,
        };
        Stub stub = Stub.For(callback, receiver.Library, ClassTable.Actual(callback, classId));
        if (first is null)
        {
            first = stub;
        }
        else
        {
            (more ??= []).Add(stub);
        }

        return stub.Pointer;
    }

    /// <summary>What must be kept for a value to stay usable by native code: itself, or its stub.</summary>
    public readonly object? Holder(object? value) => value switch
    {
        null or NativeObject => value,
        _ => Holds(first, value) ? first : more?.Find(stub => Holds(stub, value)),
    };

    public readonly void Dispose()
    {
        first?.Release();
        more?.ForEach(stub => stub.Release());
        CallState.Current.TakeBack(lent);
    }

    private static bool Holds(Stub? stub, object value) => stub is not null && ReferenceEquals(ICallbackWrapper.Unwrap(stub.Target), value);
}
