using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Trt.Interop.Core;

namespace Trt.Interop.Tests.Abi;

/// <content>Objects, both directions, and layouts.</content>
internal sealed unsafe partial class Probe
{
    private readonly List<object> lent = [];
    private void* self;
    private bool classIsHere;
    private bool expectPresent;

    /// <summary>Members that the class under test has in this release.</summary>
    private HashSet<int> reachable = [];

    /// <summary>Calls every member of a class through a proxy; of a class that the release lacks, what it says then.</summary>
    public void CallProxy(int classId)
    {
        classIsHere = (ProbeTables.Classes[classId].In & (1 << release)) != 0;
        expectPresent = classIsHere;
        reachable = [.. MembersOf(classId)];
        if (expectPresent)
        {
            self = ProbeNative.Make(release, classId);
            object proxy = Library.ObjectAt<object>(self, classId, null, ObjectUse.Borrowed)!;
            ProbeCases.Run(this, classId, proxy);
            if (Round == 0)
            {
                expectPresent = false;
                ProbeCases.Run(this, classId, proxy);
            }
        }
        else if (Round == 0)
        {
            // Whatever is there is never called.
            self = NativeMemory.AllocZeroed(16, (nuint)sizeof(void*));
            new Span<nint>(self, 16).Fill((nint)self);
            ProbeCases.Run(this, classId, ClassTable.CreateProxy(classId, Library, self, null, Ownership.Borrowed));
        }
    }

    /// <summary>Has C++ call every method of a managed implementation of a class, and delete it.</summary>
    public void CallStub(int classId)
    {
        if ((ProbeTables.Classes[classId].In & (1 << release)) == 0)
        {
            return;
        }

        isStubSide = true;
        ProbeTarget target = NewTarget(classId);
        Stub stub = Stub.For(target, Library, classId);
        foreach (int id in MembersOf(classId))
        {
            int declaring = Array.FindIndex(ProbeTables.Classes, item => id >= item.First && id < item.First + item.Count);
            CallStub(classId, declaring, id, id, stub.Pointer);
            if ((ProbeTables.Members[id] & (1 << (8 + release))) != 0)
            {
                CallStub(classId, declaring, id, id | 0x8000, stub.Pointer);
            }
        }

        int flags = ProbeTables.Classes[classId].Flags;
        if ((flags & (1 << (4 + release))) != 0)
        {
            ProbeNative.Delete(release, classId, stub.Pointer);
            if (target.Disposals != (target is IDisposable ? 1 : 0))
            {
                Errors.Add($"{ProbeTables.Types[classId].Name}: deleted by C++, and disposed {target.Disposals} times");
            }
        }
    }

    /// <summary>Disposes a proxy that owns its object, and sees the C++ destructor run once; gives false where users do not delete the class.</summary>
    public bool Dispose(int classId)
    {
        (int _, int _, int _, int present, int flags) = ProbeTables.Classes[classId];
        if ((present & (1 << release)) == 0 || (flags & 1) == 0 || (flags & (1 << (4 + release))) == 0)
        {
            return false;
        }

        void* made = ProbeNative.Make(release, classId);
        int before = ProbeNative.Deletions(made);
        IDisposable proxy = Library.ObjectAt<IDisposable>(made, classId, null, ObjectUse.Owned)!;
        proxy.Dispose();
        proxy.Dispose();
        if (ProbeNative.Deletions(made) != before + 1)
        {
            Errors.Add($"{ProbeTables.Types[classId].Name}: disposed twice, and its C++ destructor ran {ProbeNative.Deletions(made) - before} times");
        }

        return true;
    }

    /// <summary>Has the library make a layer of a layer's class that native code calls an ILayer.</summary>
    public object LayerOf(int classId)
    {
        object layer = Library.ObjectAt<ILayer>(ProbeNative.Make(release, classId), classIds[typeof(ILayer)], null, ObjectUse.Borrowed)!;
        lent.Add(layer);
        return layer;
    }

    /// <summary>An object to pass to native code: native, or in round 1 managed where native code takes it.</summary>
    public T? O<T>(bool nullable)
        where T : class
    {
        if (nullable && IsFailing)
        {
            Put((nint)0);
            return null;
        }

        T made = NewObject<T>(Round != 1 || !ClassTable.IsCallback(classIds[typeof(T)]));
        Put(Address(made));
        return made;
    }

    /// <summary>An object to answer native code with.</summary>
    public T? Answer<T>(bool nullable, bool native = false)
        where T : class
    {
        if (nullable && IsFailing)
        {
            Put((nint)0);
            return null;
        }

        T made = NewObject<T>(native || Round != 1);
        Put(Address(made));
        return made;
    }

    /// <summary>An object that arrived.</summary>
    public void Object(object? value)
    {
        Put(value is null ? 0 : Address(value));
        if (value is not null)
        {
            alive.Add(value);
        }
    }

    /// <summary>Alignment of a type as the runtime lays it out.</summary>
    public static int Align<T>()
        where T : unmanaged => sizeof(Behind<T>) - sizeof(T);

    /// <summary>A shape's layout, found by where its rank and extents are written.</summary>
    public static string DimsLayout<TDims, TExtent>(bool fields)
        where TDims : unmanaged
        where TExtent : unmanaged
    {
        Dims managed = new(11, 12, 13, 14, 15, 16, 17, 18);
        byte* bytes = stackalloc byte[128];
        if (typeof(TDims) == typeof(Dims))
        {
            *(Dims*)bytes = managed;
        }
        else
        {
            *(DimsLayout2*)bytes = DimsLayout2.FromManaged(managed);
        }

        int rank = Enumerable.Range(0, sizeof(TDims) / 4).First(i => ((int*)bytes)[i] == 8) * 4;
        int first = Enumerable.Range(0, sizeof(TDims) / 4).First(i => ((int*)bytes)[i] == 11) * 4;
        for (int i = 0; i < 8; i++)
        {
            long extent = sizeof(TExtent) == 8 ? ((long*)(bytes + first))[i] : ((int*)(bytes + first))[i];
            if (extent != 11 + i)
            {
                return $"extent {i} is {extent}";
            }
        }

        return $"{sizeof(TDims)} {Align<TDims>()}{(fields ? $" nbDims:{rank} d:{first}" : string.Empty)}";
    }

    /// <summary>What the release's class has, with its real bases: some are bases in other releases only.</summary>
    private IEnumerable<int> MembersOf(int classId)
    {
        for (int declaring = classId; declaring >= 0 && (ProbeTables.Classes[declaring].In & (1 << release)) != 0;)
        {
            (int parent, int first, int count, int _, int flags) = ProbeTables.Classes[declaring];
            for (int id = first; id < first + count; id++)
            {
                if ((ProbeTables.Members[id] & (1 << release)) != 0)
                {
                    yield return id;
                }
            }

            declaring = (flags & (1 << (8 + release))) != 0 ? parent : -1;
        }
    }

    private void CallStub(int classId, int declaring, int id, int call, void* pointer)
    {
        isStubSide = true;
        entered.Clear();
        if (ProbeTables.Names[id].EndsWith(".destroy", StringComparison.Ordinal))
        {
            // It gives up the stub, which is needed again.
            Stub.At(pointer)!.Acquire();
        }

        ProbeNative.Begin(Round);
        ProbeNative.Call(release, declaring, call, pointer);
        if (CallState.TakeExceptionElsewhere() is { } exception)
        {
            Error(id, $"of {ProbeTables.Types[classId].Name} threw {exception.GetType().Name}: {exception.Message}");
            return;
        }

        string results = ProbeNative.Results(1, call);
        if ((ProbeTables.Members[id] & 32) != 0)
        {
            Compare(id, $"{PluginVersion(classId)},", results, "results");
        }
        else if (ProbeTables.Names[id] == "IVersionedInterface.getInterfaceInfo" && ProbeTables.Infos.TryGetValue((release, classId), out string? info))
        {
            Compare(id, info, results, $"of {ProbeTables.Types[classId].Name} results");
        }
        else if (!entered.TryGetValue(id, out (System.Text.StringBuilder Arguments, System.Text.StringBuilder Results) record)
            && !entered.TryGetValue(entered.Keys.FirstOrDefault(other => Shared(other) == Shared(id), -1), out record))
        {
            Error(id, $"of {ProbeTables.Types[classId].Name} did not reach C#");
        }
        else
        {
            // Two members may share a function, and C# then takes the call as either.
            if (entered.ContainsKey(id))
            {
                Compare(id, record.Arguments.ToString(), ProbeNative.Arguments(1, call), $"of {ProbeTables.Types[classId].Name} arguments");
            }

            Compare(id, record.Results.ToString(), results, $"of {ProbeTables.Types[classId].Name} results");
        }

        Checked.Add(id);
    }

    /// <summary>nvinfer1::IPluginV2's headers: the kind in the top byte, the release's number in the others.</summary>
    private int PluginVersion(int classId)
    {
        int kind = ProbeTables.Types[classId].Name switch { "IPluginV2Ext" => 1, "IPluginV2IOExt" => 2, "IPluginV2DynamicExt" => 3, _ => 0 };
        return (kind << 24) | ProbeTables.Releases[release].VersionNumber;
    }

    private ProbeTarget NewTarget(int classId)
    {
        ProbeTarget made = ProbeTargets.Make(this, classId);
        made.ClassId = classId;
        return made;
    }

    private T NewObject<T>(bool native)
        where T : class
    {
        int classId = classIds[typeof(T)];
        if (!native)
        {
            return (T)(object)NewTarget(classId);
        }

        void* made = ProbeNative.Make(release, classId);
        if (made is null)
        {
            // The release lacks the class: the call will say so before it looks at this.
            made = NativeMemory.AllocZeroed(16, (nuint)sizeof(void*));
            new Span<nint>(made, 16).Fill((nint)made);
            return (T)(object)ClassTable.CreateProxy(classId, Library, made, null, Ownership.Borrowed);
        }

        T proxy = Library.ObjectAt<T>(made, classId, null, ObjectUse.Borrowed)!;
        lent.Add(proxy);
        return proxy;
    }

    /// <summary>Where native code sees an object.</summary>
    private nint Address(object value)
    {
        if (value is NativeObject native)
        {
            return (nint)native.Address;
        }

        object callback = isStubSide ? value : value switch
        {
            ILogger logger => RecordingLogger.For(logger),
            IErrorRecorder recorder => RecordingErrorRecorder.For(recorder),
            IStreamReader reader => FillingStreamReader.For(reader),
            IStreamReaderV2 reader => FillingStreamReaderV2.For(reader),
            _ => value,
        };
        return (nint)Stub.For(callback, Library, ((ProbeTarget)value).ClassId).Pointer;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Behind<T>
        where T : unmanaged
    {
        public byte First;
        public T Second;
    }
}
