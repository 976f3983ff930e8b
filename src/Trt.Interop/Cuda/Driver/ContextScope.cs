namespace Trt.Interop.Cuda;

/// <summary>A context that was pushed for one call; nothing when the right one was already current.</summary>
internal readonly unsafe ref struct ContextScope(DriverFunctions? driver)
{
    private readonly DriverFunctions? driver = driver;

    public void Dispose()
    {
        if (driver is not null)
        {
            nint context;
            _ = driver.CtxPopCurrent(&context); // a failure here must not hide that of the call itself
        }
    }
}
