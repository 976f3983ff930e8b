using System.Runtime.InteropServices;
using Trt.Cpu.OnnxRuntime.Native;

namespace Trt.Cpu.OnnxRuntime;

/// <summary>A native binding with its run options and the values fetched from it; keeps its session alive.</summary>
internal sealed unsafe class OrtBindingHandle : SafeHandle
{
    private readonly OrtEnvironment environment;
    private readonly OrtSessionHandle session;
    private OrtValue** values;
    private int valueCount;

    public OrtBindingHandle(OrtEnvironment environment, OrtSessionHandle session)
        : base(0, ownsHandle: true)
    {
        this.environment = environment;
        this.session = session;
        bool added = false;
        session.DangerousAddRef(ref added);
        OrtIoBinding* binding = null;
        OrtRunOptions* options = null;
        try
        {
            environment.Check(environment.Api.CreateIoBinding(session.Session, &binding), "make a binding");
            environment.Check(environment.Api.CreateRunOptions(&options), "make run options");
        }
        catch
        {
            environment.Api.ReleaseIoBinding(binding);
            session.DangerousRelease();
            SetHandleAsInvalid();
            throw;
        }

        Options = options;
        SetHandle((nint)binding);
    }

    public override bool IsInvalid => handle == 0;

    public OrtIoBinding* Binding => (OrtIoBinding*)handle;

    public OrtRunOptions* Options { get; }

    public OrtSessionHandle Session => session;

    /// <summary>The output at a position of the order in which outputs were first bound, fetched once per run.</summary>
    public OrtValue* ValueAt(int position)
    {
        if (values is null)
        {
            OrtValue** fetched;
            nuint count;
            environment.Check(environment.Api.GetBoundOutputValues(Binding, environment.Allocator, &fetched, &count), "give its outputs");
            values = fetched;
            valueCount = (int)count;
        }

        return values[position];
    }

    /// <summary>Lets go of the values of the last run.</summary>
    public void ForgetValues()
    {
        if (values is null)
        {
            return;
        }

        for (int i = 0; i < valueCount; i++)
        {
            environment.Api.ReleaseValue(values[i]);
        }

        OrtStatus* status = environment.Api.AllocatorFree(environment.Allocator, values);
        values = null;
        valueCount = 0;
        environment.Check(status, "free a list of outputs");
    }

    protected override bool ReleaseHandle()
    {
        ForgetValues();
        environment.Api.ReleaseIoBinding(Binding);
        environment.Api.ReleaseRunOptions(Options);
        session.DangerousRelease();
        return true;
    }
}
